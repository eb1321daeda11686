package main

import "fmt"

func init() {
	families["numbers"] = func() []string {
		out := []string{}
		values := []string{
			"nil", "0", "1", "-1", "7", "-7", "2.5", "-2.5", "1.9", "1e20", "-1e20", "9223372036854775807", "-9223372036854775808",
			"true", "false", "\"\"", "\"5\"", "\"5.0\"", "\"5.7\"", "\"0x10\"", "\"010\"", "\"08\"", "\"0b11\"", "\"0o17\"", "\"1_000\"", "\" 5\"", "\"-3\"",
			"\"+3\"", "\"abc\"", "\"1e3\"", "\"inf\"", "\"NaN\"", "\"99999999999999999999\"", "\"5.\"", "\".5\"", "\"-0\"", "\"00\"", "\"5.00\"", "\"5.10\"",
			".big", ".f", ".neg", ".l", ".m", "(list)", "(int64 3)", "(semver \"1.2.3\")", "'a'", "0.1", "1e-7", "123456789.123456789",
		}
		for _, value := range values {
			for _, function := range []string{
				"int", "int64", "float64", "toDecimal", "add", "add1", "mul", "max", "min", "biggest", "maxf", "minf", "ceil", "floor",
				"addf", "add1f", "subf", "mulf", "divf",
			} {
				out = append(out, fmt.Sprintf("{{ %s %s }}", function, value))
			}
			for _, function := range []string{"add", "sub", "mul", "div", "mod", "max", "min", "maxf", "minf", "addf", "subf", "mulf", "divf"} {
				for _, other := range []string{"3", "-2", "0", "0.3", "\"7\""} {
					out = append(out, fmt.Sprintf("{{ %s %s %s }}", function, value, other))
				}
			}
			for _, places := range []string{"0", "1", "2", "-1", "5", "16", "22", "-3"} {
				out = append(out, fmt.Sprintf("{{ round %s %s }}", value, places))
			}
		}
		for _, value := range []string{"0.5", "1.5", "2.5", "-0.5", "-1.5", "1.005", "2.675", "123.456", "1234567.891", "0.1", "1e15", "0.0000001"} {
			for _, places := range []string{"0", "1", "2", "3", "4", "8", "-2", "300", "-300", "309", "400", "-400"} {
				out = append(out, fmt.Sprintf("{{ round %s %s }}", value, places), fmt.Sprintf("{{ round %s %s 0.3 }}", value, places))
			}
		}
		for _, start := range []int{-3, 0, 2, 5} {
			out = append(out, fmt.Sprintf("{{ until %d }}", start), fmt.Sprintf("{{ seq %d | quote }}", start))
			for _, stop := range []int{-4, 0, 2, 6} {
				out = append(out, fmt.Sprintf("{{ seq %d %d | quote }}", start, stop))
				for _, step := range []int{-2, -1, 0, 1, 3} {
					out = append(out, fmt.Sprintf("{{ untilStep %d %d %d | toJson }}", start, stop, step), fmt.Sprintf("{{ seq %d %d %d | quote }}", start, step, stop))
				}
			}
		}
		for _, text := range []string{"", "5", "-5", "+5", "05", "5.5", " 5", "x", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0x1", "1_0"} {
			out = append(out, call("atoi", text))
		}
		return append(out, lines(`
{{ add }}{{ addf }}
{{ add 1 2 3 }}{{ add 1.9 1.9 }}{{ add "1" true }}
{{ add 9223372036854775807 1 }}{{ mul 9223372036854775807 2 }}{{ sub -9223372036854775808 1 }}{{ div -9223372036854775808 -1 }}
{{ mul 2 3 4 }}{{ max 1 5 3 }}{{ min 4 2 8 }}{{ maxf 1.5 2.5 }}{{ minf 1 -1.5 2 }}
{{ addf 0.1 0.2 }} {{ addf 1.5 2 "3.25" }} {{ subf 0.3 0.1 }} {{ mulf 1.1 1.1 }} {{ divf 1 3 }} {{ divf 2 3 }} {{ divf -2 3 }} {{ divf 10 4 }}
{{ divf 1 0 }}
{{ divf 0 5 }} {{ mulf 0 -5 }} {{ subf 0 0 }} {{ divf 1 3 3 }} {{ mulf 1e300 1e300 }} {{ divf 1e-300 1e300 }} {{ addf 1e300 1e-300 }}
{{ addf "inf" }}
{{ mulf 1 "nan" }}
{{ maxf "nan" 1 }} {{ minf 1 "nan" }} {{ maxf "inf" "nan" }} {{ minf "-inf" "nan" }} {{ maxf "-0" 0 }} {{ minf 0 "-0" }}
{{ div 1 0 }}
{{ mod 5 0 }}
{{ div 7 -2 }}{{ mod -7 2 }}{{ mod 7 -2 }}
{{ typeOf (add 1 1) }}{{ typeOf (int 1) }}{{ typeOf (int64 1) }}{{ typeOf (float64 1) }}{{ typeOf (atoi "1") }}{{ typeOf (addf 1) }}{{ typeOf (max 1) }}{{ typeOf (until 1) }}{{ typeOf (floor 1) }}
{{ eq (add 1 1) 2 }}{{ eq (int "2") (len .digits) }}
{{ toDecimal "0777" }}{{ toDecimal 777 }}{{ toDecimal "8" }}{{ toDecimal .i }}{{ toDecimal nil }}
{{ round 3.7 }}
{{ round 3.75 1 .f }}
{{ round 3.75 "1" }}
{{ round 3.75 1 1 }}
{{ round .f .i }}
{{ until "3" }}
{{ until 3.0 }}
{{ until .i }}
{{ until (int .i) }}
{{ seq }}{{ seq 1 2 3 4 }}
{{ seq "1" }}
{{ atoi 5 }}
{{ range $i := until 3 }}{{ $i }}{{ end }}
{{ randInt 3 3 }}
{{ randInt 5 3 }}
{{ randInt 0 1 }}
{{ randAlphaNum 0 | quote }}{{ randAlpha -1 | quote }}{{ len (randNumeric 7) }}{{ len (randAscii 9) }}
{{ randBytes 0 | quote }}{{ randBytes 16 | len }}
{{ randBytes -1 }}
{{ shuffle "" }}{{ shuffle "a" }}{{ len (shuffle "héllo") }}
{{ regexMatch "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" uuidv4 }}
{{ regexMatch "^[A-Za-z0-9]{40}$" (randAlphaNum 40) }}{{ regexMatch "^[A-Za-z]{40}$" (randAlpha 40) }}{{ regexMatch "^[0-9]{40}$" (randNumeric 40) }}{{ regexMatch "^[ -~]{40}$" (randAscii 40) }}
`)...)
	}
}

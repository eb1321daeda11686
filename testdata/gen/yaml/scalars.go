package main

import (
	"fmt"
	"math"
	"math/rand"
	"strings"

	yaml "go.yaml.in/yaml/v2"
)

// words are texts on the edge of meaning something else.
var words = strings.Split(`y|Y|yes|Yes|YES|yEs|n|N|no|No|NO|nO|true|True|TRUE|tRue|false|False|FALSE|on|On|ON|oN|off|Off|OFF|
~|null|Null|NULL|nUll|nil|none|.|..|...|-|--|---|+|++|=|<<|<|_|__|0|-0|+0|00|01|08|010|0777|0888|0o17|0O17|0o8|-0o17|+0o17|0b101|0B101|-0b101|+0b101|
0b+101|0b2|0b|-0b|0x|0x1F|0X1f|-0x1F|+0x1f|0xg|0x1_F|1_000|_1|1_|1__0|-1_0|1_000.5_0|1_e3|1e3|1E3|1e+3|1e-3|1e|e1|1e3.5|+1e3|-1e3|.5|-.5|+.5|5.|-5.|.5e3|.e3|._5|.5_0|
1.5|1.5.|1.2.3|0.1|-0.0|0.0|1e400|-1e400|1e-400|.1e400|9223372036854775807|9223372036854775808|-9223372036854775808|-9223372036854775809|
18446744073709551615|18446744073709551616|0xffffffffffffffff|0x10000000000000000|123456789012345678901234567890|
.inf|.Inf|.INF|.iNF|+.inf|+.Inf|-.inf|-.INF|inf|+inf|-inf|Inf|Infinity|.nan|.NaN|.NAN|.Nan|nan|NaN|+.nan|0x1p-2|0x1.8p1|0x.8p0|1p3|
1:30|0:0|1:60|1:59|01:02:03|1:2:3.4|1:2:3._4|-1:30|+1:30|1_0:30|_1:30|1:|1:a|:1|1:30:|190:20:30.15|
2001-01-01|2001-1-1|2001-13-01|2001-02-29|2004-02-29|2001-02-30|2001-00-01|2001-01-00|20010101|2001-01|2001-01-1|0000-01-01|10000-01-01|200-01-01|
2001-01-01T00:00:00Z|2001-1-1T1:1:1Z|2001-01-01t00:00:00z|2001-01-01t00:00:00Z|2001-01-01T24:00:00Z|2001-01-01T23:60:00Z|2001-01-01T23:59:60Z|
2001-01-01T00:00:00|2001-01-01 00:00:00|2001-01-01  00:00:00|2001-01-01 0:0:0|2001-01-01 00:00:00.5|2001-01-01 00:00:00,5|2001-01-01 00:00:00.|
2001-01-01 00:00:00.12345678901234|2001-01-01 00:00:00Z|2001-01-01T00:00:00+01:00|2001-01-01T00:00:00-24:60|2001-01-01T00:00:00+25:00|
2001-01-01T00:00:00+0100|2001-01-01T00:00:00+1:00|2001-01-01T00:00:00 Z|2001-01-01T00:00:00.123Z|2001-01-01T00:00Z|2001-12-14 21:59:43.10 -5|
1.0.0|v1|1a|a1|0a|1,000|1 000|10/8|50%|100m|1Gi|1e3Mi|0x1Fg|12e|12345e6|00e1234|7e12345|4E10|1.|1.e3|+|-a|-1a|+a|.a|1-2|1+2|0.1.2|1_.5|0_7|0_8|0x_1|0b_1|0o_7|07_7|true |é|日本`, "|")

// odd gives a random text of few characters that numbers, dates and words are made of.
func odd(r *rand.Rand) string {
	const letters = "0123456789012345678900112233+-._::eExXoObBaAfFnNyYtT TZ~"
	var text strings.Builder
	for n := 1 + r.Intn(9); n > 0; n-- {
		text.WriteByte(letters[r.Intn(len(letters))])
	}
	return text.String()
}

func candidates(r *rand.Rand, n int) []string {
	seen := map[string]bool{}
	list := []string{}
	add := func(text string) {
		if text = strings.Trim(text, "\n"); !seen[text] {
			seen[text] = true
			list = append(list, text)
		}
	}
	for _, word := range words {
		add(word)
	}
	for i := 0; i < n; i++ {
		switch r.Intn(4) {
		case 0:
			word := []rune(strings.Trim(pick(r, words), "\n"))
			if len(word) > 0 {
				word[r.Intn(len(word))] = rune("0159+-._:eExob TZ"[r.Intn(17)])
			}
			add(string(word))
		default:
			add(odd(r))
		}
	}
	return list
}

// scalars has rows [text, type, value]: what a plain scalar means to go-yaml v2.
func scalars(r *rand.Rand) []any {
	rows := []any{}
	for _, text := range candidates(r, 2500*scale) {
		var list []any
		if yaml.Unmarshal([]byte("["+text+"]"), &list) != nil || len(list) != 1 || strings.TrimSpace(text) != text || strings.Contains(text, "  ") {
			continue
		}
		switch value := list[0].(type) {
		case nil:
			rows = append(rows, []any{text, "null", ""})
		case bool:
			rows = append(rows, []any{text, "bool", fmt.Sprint(value)})
		case int:
			rows = append(rows, []any{text, "int", fmt.Sprint(value)})
		case uint64:
			rows = append(rows, []any{text, "uint", fmt.Sprint(value)})
		case float64:
			rows = append(rows, []any{text, "float", fmt.Sprintf("%x", math.Float64bits(value))})
		case string:
			if value == text {
				rows = append(rows, []any{text, "str", ""})
			}
		}
	}
	return rows
}

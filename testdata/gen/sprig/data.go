package main

import "fmt"

func init() {
	families["lists"] = func() []string {
		out := []string{}
		operands := []string{
			"nil", ".null", "(list)", ".none", "(list 1)", "(list 1 2 3)", ".l", ".strs", "\"abc\"", "5", "2.5", "true", ".m", "(until 3)",
			"(splitList \",\" \"a,b,c\")", "(semver \"1.2.3\")", "(split \",\" \"a\")", "(list nil nil 0 \"\" false (list) (dict))",
		}
		for _, operand := range operands {
			for _, function := range []string{
				"first", "last", "rest", "initial", "reverse", "uniq", "compact", "mustFirst", "mustLast", "mustRest", "mustInitial",
				"mustReverse", "mustUniq", "mustCompact", "slice", "mustSlice", "without", "concat", "len", "typeOf",
			} {
				out = append(out, fmt.Sprintf("{{ %s %s | toJson }}", function, operand))
			}
			for _, function := range []string{"append", "push", "prepend", "mustAppend", "mustPush", "mustPrepend", "without", "mustWithout"} {
				out = append(out, fmt.Sprintf("{{ %s %s 1 | toJson }}", function, operand), fmt.Sprintf("{{ %s %s nil | typeOf }}", function, operand))
			}
			for _, size := range []int{-3, -2, -1, 0, 1, 2, 3, 7} {
				out = append(out, fmt.Sprintf("{{ chunk %d %s | toJson }}", size, operand))
			}
			for _, item := range []string{"1", "1.0", "\"x\"", "nil", "(list)", "\"a\"", "(int64 1)"} {
				out = append(out, fmt.Sprintf("{{ has %s %s }}", item, operand), fmt.Sprintf("{{ mustHas %s %s }}", item, operand))
			}
		}
		for _, bounds := range []string{"", "0", "1", "3", "0 0", "0 1", "1 2", "2 1", "-1", "0 -1", "4", "0 4", "1.9 2.9", "\"1\" \"2\"", "true 2", "nil nil", "0 2 9"} {
			out = append(out, "{{ slice (list 1 2 3) "+bounds+" | toJson }}", "{{ slice (splitList \",\" \"a,b,c\") "+bounds+" | toJson }}")
		}
		return append(out, lines(`
{{ list }}{{ list nil }}{{ list 1 "a" nil true }}
{{ tuple 1 2 | toJson }}
{{ list | typeOf }}
{{ concat | typeOf }}
{{ concat | toJson }}
{{ concat (list) (list) | toJson }}
{{ concat (list 1) nil }}
{{ concat (list 1) "a" }}
{{ concat (list 1) .strs (until 2) | toJson }}
{{ uniq (list 1 1.0 "1" (list 1) (list 1) (dict "a" 1) (dict "a" 1) nil nil) | toJson }}
{{ without (list 1 nil "a" (list 1) 1.0) nil (list 1) 1 | toJson }}
{{ has (dict "a" 1) (list (dict "a" 1)) }}
{{ has (dict "a" 1) (list (dict "a" 1.0)) }}
{{ has .m (list .m) }}
{{ chunk 2 (list 1 2 3) | typeOf }}
{{ chunk 2 (list 1 2 3) | first | typeOf }}
{{ chunk "2" (list) }}
{{ $l := list 1 2 }}{{ $a := append $l 3 }}{{ $b := append $l 4 }}{{ $l }}{{ $a }}{{ $b }}
{{ $l := list 3 1 2 }}{{ $_ := reverse $l }}{{ $l }}
{{ first (list (list 1 2)) | last }}
{{ until 4 | rest | typeOf }}
{{ slice (until 4) 1 2 | typeOf }}
{{ slice }}
{{ slice .l 0 8 }}{{ slice .l 6 7 }}{{ slice .strs 0 4 }}
{{ slice .strs 0 5 }}
{{ slice (append .strs 1) 0 8 }}{{ slice (append (list 1) 1) 0 2 }}{{ slice (append (list 1 2 3) 1) 4 6 }}
{{ slice (append (list) 1) 0 1 }}
{{ slice (append (list 1 2 3) 1) 0 7 }}
{{ slice (until 3) 0 4 }}{{ slice (without .l 1.0 true) 0 4 }}{{ slice (compact .l) 1 4 }}{{ slice (uniq (list 1 2 3)) 0 4 }}{{ slice (concat (list 1) (list 2 3)) 0 4 }}
{{ slice (prepend .l 0) 0 7 }}
{{ slice (reverse .l) 0 6 }}
{{ slice (keys (dict "a" 1) (dict "a" 1) (dict "a" 1)) 0 4 | toJson }}{{ slice (values (dict "a" 1)) 0 1 }}{{ slice (deepCopy .l) 0 8 }}
{{ first }}
{{ append (list) }}
`)...)
	}
	families["dicts"] = func() []string {
		return lines(`
{{ dict }}
{{ dict "a" 1 "b" nil "c" (list 1) }}
{{ dict "a" }}
{{ dict "a" 1 "b" | toJson }}
{{ dict 1 2 nil 3 true 4 1.5 5 (list 1) 6 | toJson }}
{{ dict "a" 1 "a" 2 | toJson }}
{{ get .m "k" }}{{ get .m "n" }}{{ get .m "zzz" | quote }}
{{ get nil "a" | quote }}
{{ get .null "a" }}
{{ get "a" "b" }}
{{ get .l "b" }}
{{ get .m 1 }}
{{ get (split "," "a") "_0" }}
{{ set .m "new" 1 | toJson }}{{ .m.new }}
{{ $d := dict }}{{ $_ := set $d "self" "x" }}{{ $d }}
{{ set nil "a" 1 }}
{{ set .null "a" 1 }}
{{ unset nil "a" }}
{{ unset .m "k" | toJson }}{{ .m | toJson }}
{{ hasKey .m "n" }}{{ hasKey .m "zzz" }}{{ hasKey nil "a" }}
{{ hasKey .s "a" }}
{{ pluck "a" | toJson }}
{{ pluck "a" (dict "a" 1) (dict) (dict "a" nil) | toJson }}
{{ pluck "a" nil | toJson }}
{{ pluck "a" "b" }}
{{ keys | toJson }}
{{ keys (dict "a" 1) | toJson }}{{ keys nil | toJson }}
{{ keys (dict "a" 1) (dict "a" 2) | toJson }}
{{ keys (dict "b" 1 "a" 2) | sortAlpha | toJson }}
{{ keys .l }}
{{ values (dict "a" 1) | toJson }}{{ values nil | toJson }}
{{ values (dict "a" nil) | toJson }}
{{ pick .m "k" "zzz" "n" | toJson }}
{{ pick nil "a" | toJson }}
{{ pick .m | toJson }}
{{ pick .m 1 }}
{{ omit .m "k" | toJson }}{{ omit .m | toJson }}{{ omit nil "a" | toJson }}
{{ omit .m "deep" "k" "n" | toJson }}
{{ dig "k" "d" .m }}{{ dig "zzz" "d" .m }}{{ dig "n" "d" .m }}
{{ dig "deep" "a" "b" "d" .m }}
{{ dig "deep" "a" "z" (list 1) .m | toJson }}
{{ dig "deep" "z" "b" "d" .m }}
{{ dig "k" "x" "d" .m }}
{{ dig "n" "x" "d" .m }}
{{ dig "deep" "a" "b" "c" "d" .m }}
{{ dig }}
{{ dig "a" }}
{{ dig "a" "b" }}
{{ dig 1 "b" (dict) }}
{{ dig "a" 1 "d" (dict "a" (dict)) }}
{{ dig "a" "b" nil }}
{{ dig "a" "b" "c" }}
{{ dig "a" "b" (split "," "a") }}
{{ dig "a" "b" (list) }}
{{ dig nil "b" (dict) }}
{{ deepCopy nil }}
{{ mustDeepCopy nil }}
{{ deepCopy .null }}
{{ deepCopy .m | toJson }}{{ deepCopy .l | toJson }}{{ deepCopy 1 }}{{ deepCopy "a" }}
{{ deepCopy (dict "a" nil "b" (list nil)) | toJson }}
{{ deepCopy (splitList "," "a,b") | typeOf }}{{ deepCopy (split "," "a,b") | typeOf }}{{ deepCopy (until 2) | typeOf }}
{{ $c := deepCopy .m }}{{ $_ := set $c.deep.a "b" 6 }}{{ .m.deep.a.b }}{{ $c.deep.a.b }}
{{ mustDeepCopy (list 1 (dict "a" 1)) | toJson }}
{{ deepCopy (regexFindAll "x" "y" -1) | toJson }}
{{ deepEqual 1 1 }}{{ deepEqual 1 1.0 }}{{ deepEqual nil nil }}{{ deepEqual (list) (list) }}{{ deepEqual .m .m }}
{{ deepEqual (list 1 2) (list 1 2) }}{{ deepEqual (dict "a" 1) (dict "a" 2) }}{{ deepEqual nil (list) }}
{{ deepEqual (semver "1.2.3") (semver "1.2.3") }}{{ deepEqual (semver "1.2.3") (semver "v1.2.3") }}
{{ default "d" nil }}{{ default "d" .null }}{{ default "d" "" }}{{ default "d" 0 }}{{ default "d" 0.0 }}{{ default "d" false }}
{{ default "d" (list) }}{{ default "d" (dict) }}{{ default "d" .none }}{{ default "d" .void }}{{ default "d" .zero }}
{{ default "d" "x" }}{{ default "d" 1 }}{{ default "d" true }}{{ default "d" (list nil) }}{{ default "d" .f }}
{{ default "d" }}{{ default "d" "" "x" }}{{ default nil "" }}
{{ default }}
{{ default "d" (semver "0.0.0") }}
{{ empty nil }}{{ empty "" }}{{ empty " " }}{{ empty 0 }}{{ empty 0.0 }}{{ empty false }}{{ empty (list) }}{{ empty (list nil) }}{{ empty (dict) }}{{ empty .m }}
{{ empty (semver "0.0.0") }}{{ empty (split "," "") }}{{ empty (until 0) }}
{{ coalesce }}{{ coalesce nil "" 0 false "x" "y" }}{{ coalesce nil 0 }}
{{ coalesce (list) (dict) .m | toJson }}
{{ all }}{{ all 1 "a" }}{{ all 1 0 }}{{ all nil }}{{ any }}{{ any 0 "" }}{{ any 0 "a" }}
{{ ternary 1 2 true }}{{ ternary 1 2 false }}{{ true | ternary "a" "b" }}
{{ ternary 1 2 "true" }}
{{ ternary 1 2 nil }}
{{ ternary 1 2 .t }}{{ ternary 1 2 .no }}
{{ ternary 1 2 .null }}
{{ ternary nil nil true }}
{{ ternary 1 2 1 }}
{{ fail "no" }}
{{ fail 1 }}
{{ "x" | fail }}
{{ fail "a\nb" }}
{{ typeOf nil }}{{ typeOf .null }}{{ typeOf 1 }}{{ typeOf 1.5 }}{{ typeOf "a" }}{{ typeOf true }}{{ typeOf .i }}{{ typeOf .l }}{{ typeOf .m }}{{ typeOf 'a' }}
{{ typeOf (semver "1.2.3") }}{{ typeOf ((semver "1.2.3").IncMajor) }}{{ typeOf (int64 1) }}{{ typeOf ((semver "1.2.3").Major) }}{{ typeOf (until 1) }}
{{ kindOf nil }}{{ kindOf 1 }}{{ kindOf 1.5 }}{{ kindOf "a" }}{{ kindOf true }}{{ kindOf .l }}{{ kindOf .m }}{{ kindOf (semver "1.2.3") }}{{ kindOf (split "" "") }}
{{ kindOf (semver "1.2.3").IncMajor }}{{ kindOf (semver "1.2.3").Major }}
{{ typeIs "string" "a" }}{{ typeIs "int" 1.0 }}{{ typeIs "<nil>" nil }}{{ typeIs "*semver.Version" (semver "1.0.0") }}{{ typeIs "semver.Version" (semver "1.0.0") }}
{{ typeIsLike "semver.Version" (semver "1.0.0") }}{{ typeIsLike "*semver.Version" (semver "1.0.0") }}{{ typeIsLike "string" "a" }}{{ typeIsLike "string" 1 }}
{{ kindIs "map" .m }}{{ kindIs "slice" .l }}{{ kindIs "invalid" nil }}{{ kindIs "string" 1 }}
{{ typeIs 1 1 }}
`)
	}
	families["merge"] = func() []string {
		out := []string{}
		values := []string{"nil", "0", "1", "\"\"", "\"s\"", "false", "true", "(list)", "(list 1)", "(dict)", "(dict \"x\" 1)", "(dict \"x\" 0 \"y\" (list))", "1.5", "(splitList \",\" \"a\")", "(split \",\" \"a\")", "(semver \"1.0.0\")"}
		for _, old := range values {
			for _, new := range values {
				if old == "(split \",\" \"a\")" && len(new) > 5 && new[:5] == "(dict" {
					continue
				}
				for _, function := range []string{"merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite"} {
					out = append(out, fmt.Sprintf("{{ %s (dict \"a\" %s) (dict \"a\" %s) | toJson }}", function, old, new))
				}
			}
		}
		for _, value := range values {
			for _, function := range []string{"merge", "mergeOverwrite"} {
				out = append(out, fmt.Sprintf("{{ %s (dict) (dict \"a\" %s) | toJson }}", function, value))
				out = append(out, fmt.Sprintf("{{ %s (dict \"b\" 1) (dict \"a\" %s) (dict \"a\" (dict \"z\" 2)) | toJson }}", function, value))
			}
		}
		return append(out, lines(`
{{ merge nil (dict "a" 1) | toJson }}
{{ merge (dict) nil | toJson }}
{{ merge nil nil | toJson }}
{{ merge nil | toJson }}
{{ merge (dict "a" 1) | toJson }}
{{ merge }}
{{ merge "a" (dict) }}
{{ merge (dict) "a" }}
{{ merge (dict) .l }}
{{ merge (dict) .null | toJson }}
{{ $a := dict "n" (dict "x" 1) }}{{ $b := dict "n" (dict "y" 2) }}{{ $m := merge (dict) $a $b }}{{ $m | toJson }}{{ $a | toJson }}{{ $b | toJson }}
{{ $a := dict "n" (dict "x" 1) }}{{ $b := dict "n" (dict "y" 2) }}{{ $m := mergeOverwrite (dict) $a $b }}{{ $m | toJson }}{{ $a | toJson }}{{ $b | toJson }}
{{ $d := dict "n" (dict) }}{{ $s := dict "n" (dict "x" 1) }}{{ $m := merge $d $s }}{{ $_ := set $m.n "z" 1 }}{{ $s | toJson }}{{ $d | toJson }}
{{ $d := dict "n" (dict) }}{{ $s := dict "n" (dict) }}{{ $m := merge $d $s }}{{ $_ := set $m.n "z" 1 }}{{ $s | toJson }}
{{ $d := dict }}{{ $s := dict "l" (list (dict "a" 1)) }}{{ $m := merge $d $s }}{{ $_ := set (first $m.l) "b" 2 }}{{ $s | toJson }}
{{ $d := dict "a" 1 }}{{ $m := merge $d (dict "b" 2) }}{{ $d | toJson }}{{ $_ := set $m "c" 3 }}{{ $d | toJson }}
{{ merge (dict "a" (dict "b" (dict "c" 0 "d" 1))) (dict "a" (dict "b" (dict "c" 5 "e" nil))) | toJson }}
{{ mergeOverwrite (dict "a" (dict "b" (dict "c" 0 "d" 1))) (dict "a" (dict "b" (dict "c" 5 "e" nil))) | toJson }}
{{ merge .m (dict "k" "other" "deep" (dict "a" (dict "c" 1))) | toJson }}
{{ mergeOverwrite .m (dict "k" "other" "deep" (dict "a" "flat")) | toJson }}
{{ merge .m .m | toJson }}
{{ typeOf (merge (dict) (dict)) }}
`)...)
	}
}

package main

import "fmt"

var words = []string{
	"", " ", "_", "__", "- -", "a", "A", "_a", "a_", "FirstName", "firstName", "HTTPServer", "http_server",
	"HTTP20xOK", "http2xx", "Duration2m3s", "GO PATH-x", "userID42Name", "A1B2", "a1b2", "1a2B", "ID", "IDs",
	"some words here", "kebab-case-name", "__leading", "trailing__", "a--b__c", "no.dots.here", "x!y?z", "9Lives",
	"Élan Vital", "ÀÉÎ", "straße", "ÇaVa", "中文Name", "name中文", "日本 語", "ǅ ǆ Ǆ", "ßa", "İstanbul", "ıI", "ŉo",
	"ﬁne", "ᾳᾀ", "Ⅷ ⓐ", "\u2028a b", "a\u00a0b", "a\tb\nc", "  two  spaces ", "😀 smile", "MixedUP CASEs",
	"HELLO", "hello world", "it's o'clock", "x1Y2z3", "ab12CD34", "AB12cd", "v1.2.3-Beta", "a/b\\c", "٣ digits", "ÿŸ",
	"a\xffb", "\xc3", "é b", "abc\x85d", "Hello\x00World", "ABCd12EF", "3D", "a3D", "aB3", "aBC3dE", "€uro A", "Ab€Cd",
}

var numbers = []int{-20, -4, -1, 0, 1, 2, 3, 4, 5, 7, 8, 12, 40}

func init() {
	families["case"] = func() []string {
		out := []string{}
		for _, word := range words {
			for _, function := range []string{
				"upper", "lower", "title", "untitle", "swapcase", "camelcase", "snakecase", "kebabcase",
				"trim", "nospace", "initials", "quote", "squote", "toString",
			} {
				out = append(out, call(function, word))
			}
		}
		return out
	}
	families["cut"] = func() []string {
		out := []string{}
		texts := []string{"", "a", "hello", "1234 5678 9123", "some long text with words", "héllo wörld", "    spaced   out    ", "averyveryverylongword short averylongword", "a b c d e f g"}
		for _, text := range texts {
			for _, n := range numbers {
				out = append(out,
					call("trunc", n, text), call("abbrev", n, text), call("wrap", n, text), call("wrapWith", n, "|", text),
					call("indent", n, text), call("repeat", n, text))
				for _, m := range []int{-3, 0, 2, 4, 5, 7, 9, 100} {
					out = append(out, call("substr", n, m, text), call("abbrevboth", n, m, text))
				}
			}
			for _, sep := range []string{"", " ", "l", "long", "xyz", "  "} {
				out = append(out,
					call("split", sep, text), "{{ splitList "+quoted(sep)+" "+quoted(text)+" | toJson }}",
					call("trimAll", sep, text), call("trimall", sep, text), call("trimPrefix", sep, text), call("trimSuffix", sep, text),
					call("contains", sep, text), call("hasPrefix", sep, text), call("hasSuffix", sep, text),
					call("replace", sep, "_", text), call("replace", sep, "", text))
				for _, n := range []int{-1, 0, 1, 2, 3, 9} {
					out = append(out, fmt.Sprintf("{{ splitn %s %d %s | toJson }}", quoted(sep), n, quoted(text)))
				}
			}
		}
		return append(out, lines(`
{{ trimAll "éa" "éabcaé" }}
{{ trimAll "" "abc" }}
{{ trimPrefix "a" "aab" }}
{{ trimSuffix "b" "abb" }}
{{ nindent 4 "a\nb\n" | quote }}
{{ nindent 0 "" | quote }}
{{ indent -1 "a" }}
{{ nindent -1 "a" }}
{{ indent 2 "\n\n" | quote }}
{{ wrapWith 5 "" "hello there world" | quote }}
{{ wrap 5 "" | quote }}
{{ splitList "" "a\xffb" | len }}
{{ splitList "" "a\xffbé" | toStrings | join "," | quote }}
{{ replace "" "-" "a\xffé" | quote }}
{{ (split "/" "a/b/c")._1 }}
{{ (splitn "/" 2 "a/b/c")._1 }}
{{ (split "/" "a").nope }}
{{ plural "one" "many" 1 }}{{ plural "one" "many" 2 }}{{ plural "one" "many" -1 }}
{{ plural "one" "many" "1" }}
{{ plural "one" "many" 1.0 }}
{{ plural "one" "many" .i }}
{{ plural "one" "many" (int .i) }}
{{ repeat 9223372036854775807 "ab" }}
{{ repeat 1000000000000 "" | quote }}
{{ upper 1 }}
{{ upper nil }}
{{ upper .null }}
{{ upper .l }}
{{ .null | upper }}
{{ .i | upper }}
{{ upper }}
{{ upper "a" "b" }}
{{ trunc "a" "b" }}
{{ trunc .i "abc" }}
{{ hello }}
{{ hello 1 }}
{{ "text" | replace "t" "T" | trunc 3 }}
`)...)
	}
	families["parts"] = func() []string {
		return lines(`
{{ quote }}
{{ quote nil }}
{{ quote nil nil "a" }}
{{ quote "a" 1 1.5 true .null .l .m }}
{{ quote "a\"b\\c\n\t\r\x00\x7f\u00a0\u200b\U0001F600\xff" }}
{{ quote .big .f .neg 1e21 1e-7 }}
{{ quote (dict "b" 1 "a" (list 1 nil "x")) }}
{{ quote (b64dec "/w==") }}
{{ quote (semver "v1.2") }}
{{ quote (until 3) (splitList "," "a,b") (split "," "a,b") }}
{{ squote }}
{{ squote nil "a" nil }}
{{ squote "it's" 1 .f .l .m true }}
{{ squote (semver "v1.2") }}
{{ cat }}
{{ cat nil }}
{{ cat "" "" | quote }}
{{ cat " a" "b " | quote }}
{{ cat "a" nil 1 .l .m true 2.5 "" "z" | quote }}
{{ cat (semver "1.2.3") "x" }}
{{ toString nil }}
{{ toString .null }}
{{ toString 1 }}{{ toString 1.5 }}{{ toString true }}{{ toString .big }}{{ toString .l }}{{ toString .m }}
{{ toString (semver "v1.2") }}
{{ toString (list nil "a" (dict "x" nil)) }}
{{ toString 'a' }}
{{ toStrings nil | toJson }}
{{ toStrings .l | toJson }}
{{ toStrings .m | toJson }}
{{ toStrings "a" | toJson }}
{{ toStrings (until 3) | toJson }}
{{ toStrings (list nil (list 1) (dict "a" 1) 1e6) | toJson }}
{{ join "," .l }}
{{ join "," .m }}
{{ join "," nil | quote }}
{{ join "," (until 4) }}
{{ join "," "a" }}
{{ join ", " (list "a" nil 1 2.5 true) }}
{{ join "" (list) | quote }}
{{ join 1 (list) }}
{{ sortAlpha .strs }}
{{ sortAlpha .l | toJson }}
{{ sortAlpha (list 10 9 "b" nil true) | toJson }}
{{ sortAlpha nil | toJson }}
{{ sortAlpha 5 | toJson }}
{{ sortAlpha .m | toJson }}
{{ sortAlpha (list "é" "z" "e" "" "Z") | toJson }}
{{ splitList "," "a,b" | typeOf }}
{{ split "," "a,b" | typeOf }}
{{ splitn "," 0 "a,b" | toJson }}
{{ toStrings (list 1) | typeOf }}
{{ sortAlpha (list 1) | typeOf }}
{{ join "-" (splitList "," "a,b") }}
`)
	}
}

func quoted(text string) string {
	action := call("", text)
	return action[4 : len(action)-3]
}

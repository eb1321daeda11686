package main

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"regexp"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

func init() {
	tables["regexp_syntax"] = regexpSyntax
	tables["regexp_match"] = regexpMatch
}

var patterns = []string{"", "a", "abc", "a|b", "a||b", "(|a)", "()", "(a)", "(?:a)", "(?P<n>a)", "(?<n>a)(?P<n>b)", "(?P<n", "(?P<n>", "(?P<>a)", "(?P<n!>a)", "(?<n>a", "(?<", "(?P<", "(?P=n)", "(?<=a)", "(?=a)", "(?!a)", "(?#c)", "(?", "(?i", "(?i)", "(?i)AbC", "(?i:a)b", "(?-i)a", "(?i-s:a.)", "(?s).", "(?m)^a$", "(?U)a+", "(?U)a+?", "(?ims)", "(?-)", "(?--i)", "(?i-)", "(?i-:a)", "(?x)a", "(?R)", "a**", "a*+", "a++", "a+?", "a??", "a*?", "a{2}{3}", "a*{2}", "*", "+a", "?", "a|*", "(*)", "^*", "$*", "^+", "(^)*", `\b*`, "(?i)*", "a(?i)*", "a*(?i)*", "{", "a{", "a{,3}", "a{1", "a{1,", "a{1,2", "a{1,x}", "a{01}", "a{1,01}", "a{-1}", "{2}", "a{2}", "a{2,}", "a{2,4}", "a{0}", "a{0,0}", "a{4,2}", "a{1000}", "a{1001}", "a{1,1001}", "a{1001,}", "a{99999999999}", "(a{100}){10}", "(a{100}){11}", "((a{10}){10}){11}", "(a{0}){1000}", "(a{0,}){1000}", "a{2}?", "(", ")", "a)", "(a", "((a)", "[", "[]", "[]a]", "[^]", "[^]a]", "[a", "[a-", "[a-]", "[-a]", "[a-z]", "[z-a]", "[a-b-c]", "[a-b-]", "[^a]", "[^\n]", `[\d]`, `[\D]`, `[\d-z]`, `[a-\d]`, `[\b]`, `[\B]`, `[\n\t]`, `[\x41-\x43]`, `[\x{1F600}]`, `[[:alpha:]]`, `[[:^alpha:]]`, `[^[:alpha:]]`, `[[:foo:]]`, `[[:alpha]]`, `[:alpha:]`, `[[:word:][:punct:]]`, `[[:space:]]`, "[a&&b]", "[[a]b]", "[a--b]", "[!--]", "[a~~b]", "[^^]", `[\]]`, `[\-a]`, `[\Qa\E]`, `[\pL]`, `[^\pL]`, `[\p{Greek}\d]`, `[\PL]`, `\pL`, `\PL`, `\p{Greek}`, `\p{^Greek}`, `\P{^Greek}`, `\p{greek}`, `\p{Foo}`, `\p{`, `\p`, `\pX`, `\p{L`, `\p{}`, `\p{Script=Greek}`, `\p{Lu}`, `(?i)\p{Lu}`, `(?i)\P{Lu}`, `(?i)[^\p{Lu}]`, `\p{Any}`, `\P{Any}`, `\p{Cs}`, `\P{Cs}`, `\p{Letter}`, `\p{Old_Italic}`, `\p{lowercase letter}`, `\d+`, `\D+`, `\w+`, `\W+`, `\s+`, `\S+`, `\bfoo\b`, `\B`, `\b`, `\A`, `\z`, `\Z`, `\C`, `\Qa.b\E+`, `\Qa.b`, `\Q\E*`, `a\Q\E*`, `\E`, `\07`, `\101`, `\1`, `\8`, `\0`, `\400`, `\777`, `\x41`, `\x4`, `\x`, `\xg1`, `\x{41}`, `\x{}`, `\x{110000}`, `\x{d800}`, `[\x{d800}-\x{e000}]`, `[\x{d800}]`, `[^\x{d800}]`, `\x{41`, `\u0041`, `\a\f\n\r\t\v`, `\`, `a\`, `\_`, `\é`, `\<`, `\-`, `\/`, `\"`, "é+", "[é-ü]", "日本", ".", ".*", ".+?", "(?s).*", "a.c", "^a", "a$", "^$", "(?m)^", "(?m)$", "(?m)^$", "x*", "a*", "a*?", "(a*)*", "(a|ab)(c|bcd)(d*)", "(a+)(b+)", "(?i)straße", "(?i)k", "(?i)[k]", "(?i)[^k]", `(?i)\w`, `(?i)\W`, "(?i)s", "[\u212a]", "(?i)[a-c]x", "(a)|b", "(?P<first>\\w+) (?P<second>\\w+)", "([a-z]+)=([0-9]*)", "^v?([0-9]+)\\.([0-9]+)", "[^a-zA-Z0-9]+", "-+$", "(^_|_$)", "\\.", "[.]", "[a-z0-9]([-a-z0-9]*[a-z0-9])?", "a{3}b{1,2}", "(?:a{2}|b){2}", "(?:(?i)a)b", "((?i)a)b", "a(?i)b|c", "(?i)a|b", "\ufffd", "[\ufffd]", "[^a]", "(?-s).", "a\x00b", "\\x00"}

// rows: pattern, error
func regexpSyntax(r *rand.Rand) []any {
	texts := append([]string{}, patterns...)
	texts = append(texts, strings.Repeat("(", 10)+"a"+strings.Repeat(")", 10), strings.Repeat("(a{10}", 4)+strings.Repeat(")", 4), "((a{1000}b{1000}c{1000}){1000}", "(\\pL{100}){10}")
	for name := range unicode.Categories {
		texts = append(texts, `\p{`+name+`}`)
	}
	for name := range unicode.CategoryAliases {
		texts = append(texts, `\P{`+name+`}`)
	}
	for name := range unicode.Scripts {
		texts = append(texts, `[\p{`+name+`}]`)
	}
	sort.Strings(texts)
	pieces := []string{"a", "b", "(", ")", "[", "]", "*", "+", "?", "{2}", "{2,3}", "{,2}", "{1001}", "|", "\\", "\\d", "\\b", "^", "$", ".", "(?i)", "(?:", "(?P<n>", "-", "\\x4", "\\x{4", "}", "{", ",", "\\p", "L", "[:alpha:]", "[^", "\\Q", "\\E", "é", "0", "1", "\\1", "(?", "<", ">", ":", "i", "U", "s", "&&", "\\pN", "\\C", "x", "n"}
	for i := 0; i < 3500; i++ {
		texts = append(texts, randomText(r, pieces, 7))
	}
	rows := []any{}
	for _, pattern := range texts {
		_, err := regexp.Compile(pattern)
		rows = append(rows, []any{pattern, errText(err)})
	}
	return rows
}

// rows: pattern, text, replacement, [places…], ReplaceAll, ReplaceAllLiteral, Split -1, Split 2, QuoteMeta of the pattern
func regexpMatch(r *rand.Rand) []any {
	inputs := []string{"", "a", "aaa", "abc", "foo bar", "foo\nbar\n", "a.b+c", "äöü é", "日本語", "v1.28.3-gke", "key=1 other=22", "ABC abc", "a\xffb", "\xff\xfe", "é\xc3é", "__a__", "-x-", "\u212a K k ſ s", "Straße STRASSE", "Ωω Αα", "abcd", "aabbab", "a{2}", "a\tb \v\f\r\n", "\ufffd", "{}[]()", "x\x00y", "abababab", "hello-world--", "aab-01"}
	templates := []string{"", "x", "$0", "$1", "${1}", "$1W", "${1}W", "$$", "$", "$ ", "<$first-$second>", "${first}", "${", "${1", "$é", "$2$1", "[${0}]", "$01", "$n", "$10", "a$", "\xff$0", "${a b}"}
	pieces := []string{"a", "b", "c", "(", ")", "[a-c]", "[^a]", "*", "+", "?", "*?", "{2}", "|", "\\w", "\\b", "\\B", "^", "$", ".", "(?i)", "(?m)", "(?s)", "\\s", "\\pL", "é", "-", "\\d", "o", "A"}
	rows := []any{}
	add := func(pattern string) {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return
		}
		input, template := pick(r, inputs), pick(r, templates)
		if r.Intn(5) == 0 {
			input = randomText(r, []string{"a", "b", "c", " ", "\n", "é", "\xff", "A", "-", "1"}, 8)
		}
		places := []string{}
		for _, at := range re.FindAllStringIndex(input, -1) {
			places = append(places, fmt.Sprint(at[0], " ", at[1]))
		}
		pieces := func(n int) []any {
			out := []any{}
			for _, piece := range re.Split(input, n) {
				out = append(out, text(piece))
			}
			return out
		}
		rows = append(rows, []any{pattern, text(input), text(template), places, text(re.ReplaceAllString(input, template)), text(re.ReplaceAllLiteralString(input, template)), pieces(-1), pieces(2), text(regexp.QuoteMeta(pattern))})
	}
	for i := 0; i < 4; i++ {
		for _, pattern := range patterns {
			if utf8.ValidString(pattern) {
				add(pattern)
			}
		}
	}
	for i := 0; i < 1200; i++ {
		add(randomText(r, pieces, 6))
	}
	return rows
}

func canonicalName(name string) string {
	out := ""
	for _, c := range name {
		if c == '_' || c == '-' || c == ' ' {
			continue
		}
		if out == "" {
			out += strings.ToUpper(string(c))
		} else {
			out += strings.ToLower(string(c))
		}
	}
	return out
}

func writeUnicodeNames(path string) {
	names := map[string]string{"Any": "any", "Assigned": "assigned", "Ascii": "ascii"}
	for name := range unicode.Categories {
		names[canonicalName(name)] = name
	}
	for alias, name := range unicode.CategoryAliases {
		names[canonicalName(alias)] = name
	}
	for name := range unicode.Scripts {
		if canonicalName(name) == name {
			names[name] = name
		}
	}
	keys := []string{}
	for key := range names {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	var out bytes.Buffer
	out.WriteString("//! Names of Unicode classes that Go knows, written by `testdata/gen/golang`.\n\n/// Go's canonical names, sorted, and the engine's names.\n#[rustfmt::skip]\npub(super) static NAMES: &[(&str, &str)] = &[\n")
	for _, key := range keys {
		fmt.Fprintf(&out, "    (%q, %q),\n", key, names[key])
	}
	out.WriteString("];\n")
	check(os.WriteFile(path, out.Bytes(), 0o644))
}

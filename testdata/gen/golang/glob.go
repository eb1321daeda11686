package main

import (
	"math/rand"
	"path/filepath"

	"github.com/gobwas/glob"
)

func init() {
	tables["glob"] = globs
	tables["path_match"] = pathMatches
}

var globPaths = []string{"a", "b", "ab", "abc", "a/b", "a/b/c", "conf/a.yaml", "conf/x/y.yaml", "x.yaml", "-", "a-b", "]", "{a}", "a,b", "é", "aé/b", "a/", "/a", "*", "a*b", "[a]", "!", "\\", "ca.crt", "files/tls.key", "a.b", "conf/.yaml", "cab"}

// rows: pattern, error, [[path, matches]…]
func globs(r *rand.Rand) []any {
	texts := []string{"a", "*", "**", "?", "a*", "*a", "*/*", "**/x", "**.yaml", "conf/**.yaml", "conf/*.yaml", "conf/**", "a**b", "{a,b}", "{a,b", "{a", "a}", "a,b", "{a,b/c}", "{*,b}/b", "{a,{b,ab}}", "{}", "{,a}", "[abc]", "[!abc]", "[a-c]", "[!a-c]", "[a-]", "[-a]", "[]", "[!]", "[!!]", "[]a]", "[a", "[", "[!", "[a-", "[a-b", "[a-bc]", "[c-a]", "[a-é]", "[abc-d]", "[\\]]", "[\\-]", "\\*", "\\", "a\\", "\\{a\\}", "\\[a]", "*.{crt,key}", "files/*.{key,crt}", "?b", "?/?", "a?c", "é", "[é]", "?", "***", "*?*", "[!/]*", "{a*,*b}", "a{b,}c", "a{,b}c", "\ufffd", "{a,b}{b,c}", "x{a", "[a,b]", "{[a,b],c}", "{\\,,a}", "a/**/c", "**/*.yaml", "**/", "c[!a-b]b", "c[a]b", "{{{", "}}}", "{a,b}}", ",,"}
	pieces := []string{"a", "b", "c", "/", "*", "?", "[ab]", "[!a]", "[a-c]", "{", "}", ",", "\\", ".yaml", "conf", "!", "-", "]"}
	for i := 0; i < 600; i++ {
		texts = append(texts, randomText(r, pieces, 5))
	}
	rows := []any{}
	for _, pattern := range texts {
		g, err := glob.Compile(pattern, '/')
		if err != nil {
			rows = append(rows, []any{pattern, err.Error(), nil})
			continue
		}
		cases := []any{}
		for i := 0; i < 8; i++ {
			path := pick(r, globPaths)
			if match := safeMatch(g, path); match != nil {
				cases = append(cases, []any{path, match})
			}
		}
		rows = append(rows, []any{pattern, nil, cases})
	}
	return rows
}

// safeMatch is nil where the library panics.
func safeMatch(g glob.Glob, path string) (match any) {
	defer func() { _ = recover() }()
	return g.Match(path)
}

// rows: pattern, name, matches, error
func pathMatches(r *rand.Rand) []any {
	rows := []any{}
	pieces := []string{"a", "b", "/", "*", "?", "[", "]", "^", "-", "\\", "[a-c]", "[^a]", "é", "abc", "."}
	for i := 0; i < 3000; i++ {
		pattern, name := randomText(r, pieces, 5), pick(r, globPaths)
		if i < 700 {
			pattern = pick(r, []string{"a", "*", "a*", "*a", "*/*", "a?c", "[a-c]*", "[^a]", "[]a]", "[a-]", "[-a]", "[", "a[", "[^]", "\\*", "a\\", "*\\", "**", "*b*", "a*b*c", "*.yaml", "conf/*.yaml", "[\\]]", "[a-c-e]", "é", "[é]", "?", "", "*[", "b[", "[a", "[a-"})
		}
		ok, err := filepath.Match(pattern, name)
		rows = append(rows, []any{pattern, name, ok, errText(err)})
	}
	return rows
}

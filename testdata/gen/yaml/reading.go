package main

import (
	"fmt"
	"math/rand"
	"strings"

	sigs "sigs.k8s.io/yaml"
)

var tokens = []string{
	"a", "b", "c d", ": ", ": ", ": ", ":", "\n", "\n", "\n", " ", "  ", "- ", "- ", "-", "? ", "?", "&a ", "&b ", "*a", "*a ", "*b", "!t ", "! ",
	"!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "!!binary ", "!!timestamp ", "!!set ", "!<x> ", "!e!x ", "!!", "|", ">", "|-\n", ">+\n", "|2\n", ">1-\n",
	"'", "'x'", "\"", "\"y\"", "[", "]", "{", "}", ", ", ",", "#", " #", " # c\n", "---", "---\n", "...", "...\n", "\t", "%", "@", "`", "<<: ", "<<: *a\n", "~", "1", "0x1",
	"1.5", ".inf", "yes", "2001-01-01", "é", "\u2028", "\u0085", "\r\n", "\r", "\\", "\\n", "\\x41", "\\u00e9", "%YAML 1.1\n", "%YAML 1.2\n", "%TAG ! x\n",
	"%TAG !e! tag:e,1:\n", "\x01", "\ufeff", "\U0001F600", "\n  ", "\n  ", "\n ", "\n- ", "\nb: ", "\n  c: ", "\n  - ", "a: ", "b: ", "a: &a ", "b: *a", "aGVsbG8=",
}

var manifests = []string{
	"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  labels: {app: web, \"tier\": 'front'}\ndata:\n  a.conf: |\n    key = value\n\n      more\n  b: >-\n    folded text\n    goes on\n\n    here\n",
	"# comment\nspec:\n  template:\n    spec:\n      containers:\n      - name: c # why\n        image: \"r/i:1.0\"\n        args: [--a, \"--b=c\", '--d']\n        ports:\n        - containerPort: 80\n          protocol: TCP\n      - name: d\n        command:\n          - sh\n          - -c\n          - |\n            set -e\n            exec x\n",
	"base: &base\n  x: 1\n  y: [1, 2, {z: 3}]\nother:\n  <<: *base\n  y: two\nmore:\n  - *base\n  - <<: [*base, {q: r}]\n    q: s\n",
	"a: \"double\n  quoted\n\n  text \\\n  end\"\nb: 'single\n  quoted'\nc: plain\n  text\n  goes on\nd:\n- - 1\n  - 2\n-   e: f\n    g: h\n? k\n: v\n",
}

func mutate(r *rand.Rand, text string) string {
	lines := strings.SplitAfter(text, "\n")
	for n := 1 + r.Intn(3); n > 0; n-- {
		at := r.Intn(len(lines))
		line := lines[at]
		place := 0
		if len(line) > 0 {
			place = r.Intn(len(line))
		}
		switch r.Intn(6) {
		case 0:
			lines[at] = line[:place] + pick(r, tokens) + line[place:]
		case 1:
			lines[at] = line[:place]
		case 2:
			lines[at] = ""
		case 3:
			lines[at] = line + line
		case 4:
			lines[at] = " " + line
		case 5:
			lines[at] = strings.TrimPrefix(line, "  ")
		}
	}
	return strings.Join(lines, "")
}

// read converts to JSON; the error is "" when there is none.
func read(text string) (result string, problem string) {
	defer func() {
		if fault := recover(); fault != nil {
			problem = fmt.Sprint("panic: ", fault)
		}
	}()
	out, err := sigs.YAMLToJSON([]byte(text))
	if err != nil {
		return "", err.Error()
	}
	return string(out), ""
}

// documents has rows [text, json, error]. Texts whose result depends on Go's random order of maps are left out.
func documents(r *rand.Rand) []any {
	rows := []any{}
	seen := map[string]bool{}
	add := func(text string) {
		if seen[text] || strings.LastIndex(text, "\ufeff") > 0 {
			return
		}
		seen[text] = true
		result, problem := read(text)
		for i := 0; i < 8; i++ {
			if again, why := read(text); again != result || why != problem {
				return
			}
		}
		if strings.HasPrefix(problem, "panic") {
			return
		}
		rows = append(rows, []any{text, result, problem})
	}
	for _, text := range manifests {
		add(text)
	}
	for i := 0; i < 2200*scale; i++ {
		var text strings.Builder
		for n := 1 + r.Intn(10); n > 0; n-- {
			text.WriteString(pick(r, tokens))
		}
		add(text.String())
	}
	for i := 0; i < 350*scale; i++ {
		add(mutate(r, pick(r, manifests)))
	}
	return rows
}

// aliases has rows [items, repeats, levels, error]: anchored lists that refer to the one before.
func aliases(r *rand.Rand) []any {
	rows := []any{}
	for _, items := range []int{1, 9, 40, 3000} {
		for _, repeats := range []int{1, 2, 9, 30, 97, 98, 99, 100, 101, 120, 400, 4000} {
			for _, levels := range []int{1, 2, 3, 5} {
				var text strings.Builder
				text.WriteString("a0: &a0 [" + strings.Repeat("x,", items) + "]\n")
				size := items
				for level := 1; level <= levels; level++ {
					fmt.Fprintf(&text, "a%d: &a%d [%s]\n", level, level, strings.Repeat(fmt.Sprintf("*a%d,", level-1), repeats))
					size *= repeats
				}
				if size > 5_000_000 && levels > 3 {
					continue
				}
				_, problem := read(text.String())
				rows = append(rows, []any{items, repeats, levels, problem})
			}
		}
	}
	return rows
}

// portions has rows [before, columns, after, error]: texts with a long comment between, because
// forbidden characters are found in portions of 512 bytes.
func portions(r *rand.Rand) []any {
	rows := []any{}
	for i := 0; i < 400; i++ {
		before := pick(r, []string{"", "a: b\n", "a: b: c\n", "- é\n", "a: \"\n", "{\n", "\t", "--- |\n"})
		columns := pick(r, []int{400, 505, 509, 510, 511, 512, 515, 1010, 1023, 1024, 1030}) - len(before)
		after := pick(r, []string{"", "b: c\n", "]\n", "d: [\n", "---\n"}) + pick(r, []string{"\x01", "x: \x7f", "\x80", "\xe2\x82", "é\x02", "y\n", "---\n\x03"})
		text := before + "#" + strings.Repeat("x", columns) + "\n" + after
		_, problem := read(text)
		rows = append(rows, []any{before, columns, fmt.Sprintf("%x", after), problem})
	}
	return rows
}

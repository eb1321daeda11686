// Command sprig writes the truth tables that the tests of src/sprig read: templates, and what the
// Sprig library makes of them.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
)

// data is what every template is executed with; the tests read it from testdata/sprig/data.json.
const data = `{
  "i": 3, "f": 2.75, "neg": -7, "zero": 0, "big": 12345678901, "t": true, "no": false, "null": null,
  "s": "text", "empty": "", "digits": "12",
  "l": [1, "x", null, true, 2.5], "strs": ["b", "a", "C", "a"], "none": [],
  "m": {"k": "v", "n": null, "deep": {"a": {"b": 5}}}, "void": {}
}
`

// families are the templates by file name.
var families = map[string]func() []string{}

func main() {
	root := "../../.."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	check(os.WriteFile(filepath.Join(root, "testdata/sprig/data.json"), []byte(data), 0o644))
	names := []string{}
	for name := range families {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		lines := []string{}
		for _, text := range families[name]() {
			line, err := json.Marshal(run(text))
			check(err)
			lines = append(lines, string(line))
		}
		out := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
		check(os.WriteFile(filepath.Join(root, "testdata/sprig", name+".json"), []byte(out), 0o644))
		fmt.Println(name, len(lines), "rows", len(out), "bytes")
	}
}

// run gives [template, output] or [template, null, error].
func run(text string) []any {
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["getHostByName"] = func(string) string { return "" }
	var values map[string]any
	check(json.Unmarshal([]byte(data), &values))
	parsed, err := template.New("t").Funcs(functions).Option("missingkey=zero").Parse(text)
	if err != nil {
		panic(text + ": " + err.Error())
	}
	var out strings.Builder
	if err := parsed.Execute(&out, values); err != nil {
		return []any{text, nil, encoded(err.Error())}
	}
	return []any{text, encoded(out.String())}
}

// encoded is the text, or an object with its base64 when it is not UTF-8.
func encoded(text string) any {
	if utf8.ValidString(text) {
		return text
	}
	return map[string]string{"b": base64.StdEncoding.EncodeToString([]byte(text))}
}

// call writes an action that calls a function with literal arguments.
func call(function string, args ...any) string {
	words := []string{function}
	for _, arg := range args {
		switch arg := arg.(type) {
		case string:
			words = append(words, fmt.Sprintf("%q", arg))
		default:
			words = append(words, fmt.Sprint(arg))
		}
	}
	return "{{ " + strings.Join(words, " ") + " }}"
}

func lines(text string) []string {
	out := []string{}
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

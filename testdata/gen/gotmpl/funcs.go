package main

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
)

const dataJSON = `{
  "s": "text", "empty": "", "html": "<a href='x'>\"q\" & b</a>", "uni": "é日\u00a0\u2028",
  "n": 5, "zero": 0, "half": 0.5, "big": 1234567, "neg": -3, "t": true, "f": false, "nil": null,
  "list": [1, "a", null, true, [2, 3], {"k": "v"}], "strs": ["x", "y", "z"], "none": [],
  "m": {"a": {"b": {"c": "deep"}}, "nil": null, "one": 1, "z": "last", "ü": "umlaut"}, "nomap": {},
  "rows": [{"name": "r1", "tags": ["a", "b"]}, {"name": "r2"}, {"name": "r3", "tags": []}]
}
`

// Thing stands for the structs that templates can see.
type Thing struct {
	Name  string
	Count int
	Attrs map[string]any
	Next  *Thing
}

func (t *Thing) Hello(name string) string { return "hello " + name + " from " + t.Name }
func (t *Thing) Plain() string            { return "plain" }
func (t *Thing) Sum(base int, more ...int) int {
	for _, n := range more {
		base += n
	}
	return base
}
func (t *Thing) Fail(reason string) (string, error) { return "", errors.New(reason) }

// Names is a named map type.
type Names map[string]string

func (n Names) Get(key string) string { return "got " + n[key] }

func funcs(root *template.Template) template.FuncMap {
	return template.FuncMap{
		"str":      func(s string) string { return "<" + s + ">" },
		"num":      func(n int) int { return n },
		"num64":    func(n int64) int64 { return n },
		"unum":     func(n uint32) uint32 { return n },
		"flt":      func(f float64) float64 { return f },
		"boolean":  func(b bool) bool { return b },
		"mapping":  func(m map[string]any) int { return len(m) },
		"strmap":   func(m map[string]string) int { return len(m) },
		"items":    func(l []any) int { return len(l) },
		"strs":     func(l []string) int { return len(l) },
		"bytes":    func(b []byte) int { return len(b) },
		"anything": func(v any) any { return v },
		"kind":     func(v any) string { return fmt.Sprintf("%T", v) },
		"repeat":   func(n int, s string) string { return strings.Repeat(s, n) },
		"joined":   func(sep string, parts ...string) string { return strings.Join(parts, sep) },
		"fails":    func(s string) (string, error) { return "", errors.New("failed: " + s) },
		"list":     func(v ...any) []any { return v },
		"dict": func(v ...any) map[string]any {
			m := map[string]any{}
			for i := 0; i+1 < len(v); i += 2 {
				m[fmt.Sprint(v[i])] = v[i+1]
			}
			return m
		},
		"set":    func(m map[string]any, k string, v any) map[string]any { m[k] = v; return m },
		"split":  func(s string) map[string]string { return map[string]string{"_0": s} },
		"words":  func(v ...string) []string { return v },
		"i64":    func(f float64) int64 { return int64(f) },
		"u8":     func(f float64) uint8 { return uint8(f) },
		"thing":  func() *Thing { return &Thing{Name: "t1", Count: 2, Attrs: map[string]any{"k": "v"}} },
		"accept": func(t *Thing) string { return t.Name },
		"names":  func() Names { return Names{"a": "A"} },
		"include": func(name string, data any) (string, error) {
			var b strings.Builder
			err := root.ExecuteTemplate(&b, name, data)
			return b.String(), err
		},
	}
}

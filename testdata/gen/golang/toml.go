package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand"
	"strings"

	"github.com/BurntSushi/toml"
)

func init() {
	tables["toml_encode"] = tomlEncode
	tables["toml_decode"] = tomlDecode
}

// tomlValue is a tree of what TOML can hold, and now and then a nil.
func tomlValue(r *rand.Rand, depth int) any {
	if depth > 0 && r.Intn(3) > 0 {
		switch r.Intn(4) {
		case 0:
			list := []any{}
			for n := r.Intn(4); n > 0; n-- {
				list = append(list, tomlValue(r, depth-1))
			}
			return list
		case 1:
			list := []any{}
			for n := 1 + r.Intn(2); n > 0; n-- {
				list = append(list, tomlMap(r, depth-1))
			}
			return list
		default:
			return tomlMap(r, depth-1)
		}
	}
	if r.Intn(40) == 0 {
		return nil
	}
	return pick(r, []any{1, int64(-5), uint64(math.MaxUint64), 1.0, 0.5, 1e6, 1e21, math.Inf(-1), math.NaN(), "a", "", "q\"\\\n\t\x00\x7f", "é\U0001F600", true, false, randomFloat(r), []string{"x", "y"}, []byte("hi"), []any{}, []any{1, "a"}, map[string]string{"k": "v"}})
}

func tomlMap(r *rand.Rand, depth int) map[string]any {
	m := map[string]any{}
	for n := r.Intn(4); n > 0; n-- {
		m[pick(r, []string{"a", "b", "key", "with space", "", "é", "x.y", "A", "1", "-", "q\"", "tab\t"})] = tomlValue(r, depth)
	}
	return m
}

// rows: value, text, error
func tomlEncode(r *rand.Rand) []any {
	rows := []any{}
	add := func(v any) {
		var out bytes.Buffer
		if err := toml.NewEncoder(&out).Encode(v); err != nil {
			rows = append(rows, []any{value(v), nil, err.Error()})
			return
		}
		rows = append(rows, []any{value(v), text(out.String()), nil})
	}
	for _, v := range []any{1, "a", 1.5, true, []any{}, []any{1, 2}, []any{map[string]any{"a": 1}}, map[string]any{}, map[string]any(nil), []any(nil), map[string]any{"a": nil}, map[string]any{"a": []any{nil}}, map[string]any{"a": []any{1, []any{nil}}}, map[string]any{"a": []any{1, map[string]any{"x": 1, "y": nil}}}, map[string]any{"a": []any{1, map[string]any{"x": 1, "y": map[string]any{"z": 1}}}}, map[string]any{"a": []any{map[string]any{}, map[string]any{"b": []any{map[string]any{"c": 1}}}}}, map[string]any{"a": map[string]any{"b": map[string]any{"c": 1}}, "z": 1, "list": []any{1.0, "x"}}, map[string]any{"a": []any{map[string]any(nil)}}} {
		add(v)
	}
	for i := 0; i < 700; i++ {
		add(tomlMap(r, 4))
	}
	return rows
}

// rows: text, JSON, line of the error
func tomlDecode(r *rand.Rand) []any {
	rows := []any{}
	add := func(s string) {
		m := map[string]any{}
		err := toml.Unmarshal([]byte(s), &m)
		if err != nil {
			line := 0
			var parse toml.ParseError
			if errors.As(err, &parse) {
				line = parse.Position.Line
			}
			rows = append(rows, []any{text(s), nil, line})
			return
		}
		out, err := json.Marshal(m)
		if err != nil {
			return
		}
		rows = append(rows, []any{text(s), text(string(out)), nil})
	}
	for _, s := range []string{"", "a = 1", "a = 1\n[b]\nc = \"x\"\n[[d]]\ne = 1.5\n[[d]]\ne = 2\n", "a.b.c = 1", "a = [1, 2, [3]]", "a = {b = 1, c = {d = 2}}", "a = 0x1F\nb = 0o17\nc = 0b11\nd = 1_000\ne = -5\nf = +5", "a = 1e3\nb = 1.5e-3\nc = 1_0.5", "a = 1979-05-27T07:32:00Z\nb = 1979-05-27T00:32:00.999-07:00\nc = 1979-05-27T07:32:00\nd = 1979-05-27\ne = 07:32:00.5\nf = 1979-05-27 07:32:00Z", "a = \"\"\"\nx\\\n  y\"\"\"\nb = '''\nraw\\'''\nc = 'l'", "\"q k\" = 1\n'' = 2", "a = 1 # c\n# d", "a = true\nb = false", "\ufeffa = 1", "a = \"\\u00e9\\t\\\"\"", "[a]\n[a]", "a = 1\na = 2", "a = ", "= 1", "a = 01", "a = 9223372036854775808", "a = [1,", "a = \"x", "[a", "a = 1 b = 2", "a = 1979-13-01", "a = tru", "[a.b]\nc = 1\n[a]\nd = 2", "a\x00 = 1", "a = \"\xff\"", "[[a]]\n[a.b]\nc = 1\n[[a]]", "x = [\n1,\n2,\n]", "a = .5", "a = 5.", "a = \"\\q\"", "\r\na = 1\r\n"} {
		add(s)
	}
	for i := 0; i < 400; i++ {
		var out bytes.Buffer
		// The library reads inline tables in nested lists wrongly: it flattens the lists.
		if toml.NewEncoder(&out).Encode(tomlMap(r, 3)) == nil && !strings.Contains(out.String(), "= [[") {
			add(out.String())
		}
	}
	return rows
}

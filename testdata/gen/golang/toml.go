package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand"

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

// rows: text, JSON, error
func tomlDecode(r *rand.Rand) []any {
	rows := []any{}
	add := func(s string) {
		m := map[string]any{}
		err := safely(func() error { return toml.Unmarshal([]byte(s), &m) })
		if err == errPanic {
			return
		}
		if err != nil {
			rows = append(rows, []any{text(s), nil, err.Error()})
			return
		}
		out, err := json.Marshal(m)
		if err != nil {
			return
		}
		rows = append(rows, []any{text(s), text(string(out)), nil})
	}
	fixed := []string{"", "a = 1", "a = 1\n[b]\nc = \"x\"\n[[d]]\ne = 1.5\n[[d]]\ne = 2\n", "a.b.c = 1", "a = [1, 2, [3]]", "a = {b = 1, c = {d = 2}}", "a = 0x1F\nb = 0o17\nc = 0b11\nd = 1_000\ne = -5\nf = +5", "a = 1e3\nb = 1.5e-3\nc = 1_0.5", "a = 1979-05-27T07:32:00Z\nb = 1979-05-27T00:32:00.999-07:00\nc = 1979-05-27T07:32:00\nd = 1979-05-27\ne = 07:32:00.5\nf = 1979-05-27 07:32:00Z", "a = 1979-05-27t07:32z", "a = 07:32", "a = 1979-05-27 07:32", "a = \"\"\"\nx\\\n  y\"\"\"\nb = '''\nraw\\'''\nc = 'l'", "\"q k\" = 1\n'' = 2", "a = 1 # c\n# d", "a = true\nb = false", "\ufeffa = 1", "a = \"\\u00e9\\t\\\"\"", "a = \"\\e\\x41\\U0001F600\"", "[a]\n[a]", "a = 1\na = 2", "a = ", "a =\n", "a", "a\n", "a b", "= 1", ".a = 1", "a. = 1", "a.", "a..b = 1", "a = 01", "a = -01", "a = 9223372036854775808", "a = 1e400", "a = [1,", "a = [1", "a = [,]", "a = [1,,2]", "a = [1 2]", "a = [1 # c\n, 2]", "a = \"x", "a = \"x\n\"", "a = 'x", "a = 'x\n'", "a = \"\"\"x", "a = '''x", "a = \"\"\"x\"\"\"\"\"", "a = \"\"\"x\"\"\"\"\"\"", "a = \"\"\"x\\\"\"\"\"\"\"", "a = '''x'''''", "a = '''x''''''", "a = \"\"\"x\\  \n\n  y \\\\ z\"\"\"", "a = \"\"\"x\\ y\"\"\"", "a = \"\\ \"", "[a", "[", "[]", "[.a]", "[a.]", "[a b]", "[[a]", "[[a]]x", "[a]x", "[é]", "é = 1", "[\"é\"]\nx=1", "a = 1 b = 2", "a = 1979-13-01", "a = 1979-5-27", "a = 1979-05-27T7:32:00Z", "a = 12:3", "a = tru", "a = foo", "a = inf\nb = 1", "a = +inf", "a = int", "a = in", "a = na", "a = -foo", "a = -inx", "a = -nab", "a = +0x1", "a = 0xg", "a = 0b2", "a = 0o8", "a = 0b", "a = -.5", "a = -", "a = +x", "a = 1_", "a = 1__0", "a = _1", "a = 0_1", "a = 1_.5", "a = 1._5", "a = 1.", "a = 1.e5", "a = 1e", "a = 1.5.5", "a = 00.5", "[a.b]\nc = 1\n[a]\nd = 2", "[a]\nb = 1\n[a.b]\nc = 1", "[a]\nb.c = 1\n[a.b]\nd = 1", "a.b = 1\na.b.c = 2", "a.b = 1\n[a]\nc = 1", "[[a]]\n[a]", "[a]\n[[a]]", "a = []\n[[a]]", "a = 1\n[a.b]", "a = {b = 1}\n[a.b]", "a = {b = 1}\n[a]", "a = {b = 1}\na.c = 2", "a = {b = 1, b = 2}", "a = {b.c = 1, b.d = 2}", "a = {b = 1, b.c = 2}", "a = {b = 1,}", "a = {b = 1,,}", "a = {,}", "a = {b}", "a = {b = 1 c = 2}", "a = {b = 1", "a = {", "a = {\n b = 1, # c\n c = 2\n}", "a = [{b = 1}, {b = 2}]", "a = [[{b = 1}], {b = 2}]", "a = [{b = [{c = 1}]}, 1]", "a = [{b = 1}]\n[[a]]", "a\x00 = 1", "a = 1234567\x00", "a = \"\x01\"", "a = 1 # \x07", "a = \"\xff\"", "# \xff", "a\r = 1", "a = 1\r", "\r\na = 1\r\n", "[[a]]\n[a.b]\nc = 1\n[[a]]", "x = [\n1,\n2,\n]", "a = .5", "a = \"\\q\"", "a = \"\\", "a = \"\\x4\"", "a = \"\\u00g0\"", "a = \"\\ud800\"", "a = \"\\U00110000\"", "a = \"\\u12", "[a]\n\"b c\" = ", "[\"x y\".z]\nk = @", "a = @", "a = \"b\" \"c\"", "\"a\nb\" = 1", "\"a\\ud800\" = 1", "a = [\n\"x\n\"]", "\n\n\na = \n", "\"\" = 1\n\"\" = 2", "[\"\"]\na = 1", "a = {\"\" = 1}", "a = 1 # c", "a = [1, 2] x", "a.b = [{c = 1}]\n[[a.b]]", "\xff\xfea = 1", "a = 1\n[b]\nc = 1\n[b.c]\nd = 2"}
	for _, s := range fixed {
		add(s)
	}
	pieces := []string{"a", "b", " = ", "=", "1", "\"x\"", "[", "]", "{", "}", ",", "\n", " ", ".", "#", "'", "\"\"\"", "0", "_", "-", "e", "true", "[a]", "[[b]]", "[a.b]", "a.b = ", "1.5", "2024-01-01", "T", ":", "\\", "\\n", "é", "nan", "+"}
	for i := 0; i < 1300; i++ {
		add(randomText(r, pieces, 9))
	}
	lines := []string{"a = 1", "b = 2", "a.b = 1", "a.c = 2", "[a]", "[b]", "[a.b]", "[a.c]", "[[a]]", "[[b]]", "[[a.b]]", "a = {b = 1}", "a = [{b = 1}]", "b = {a.b = 1, c = []}", "c = [[{a = 1}], {b = 2}]", "\"\" = 1", "b.a = [1, {x = 1}]", "a = {}", "[a.b.c]", "x = 1"}
	for i := 0; i < 500; i++ {
		s := ""
		for n := 1 + r.Intn(5); n > 0; n-- {
			s += pick(r, lines) + "\n"
		}
		add(s)
	}
	for i := 0; i < 250; i++ {
		var out bytes.Buffer
		if toml.NewEncoder(&out).Encode(tomlMap(r, 3)) == nil && out.Len() < 400 {
			add(out.String())
		}
	}
	return rows
}

var errPanic = errors.New("panic")

// safely is errPanic where the library panics.
func safely(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return f()
}

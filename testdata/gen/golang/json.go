package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"strings"

	"github.com/spf13/cast"
)

func init() {
	tables["json_encode"] = jsonEncode
	tables["json_decode"] = jsonDecode
	tables["cast"] = casts
}

// randomValue is a tree.
func randomValue(r *rand.Rand, depth int) any {
	all := samples(r)
	if depth > 0 && r.Intn(3) > 0 {
		if r.Intn(2) == 0 {
			list := []any{}
			for n := r.Intn(4); n > 0; n-- {
				list = append(list, randomValue(r, depth-1))
			}
			return list
		}
		m := map[string]any{}
		for n := r.Intn(4); n > 0; n-- {
			m[randomText(r, []string{"a", "b", "<", "é", "\xff", "1", "\"", " ", "\u2028", "."}, 3)] = randomValue(r, depth-1)
		}
		return m
	}
	return pick(r, all)
}

// rows: value, Marshal, without HTML escaping, MarshalIndent, error
func jsonEncode(r *rand.Rand) []any {
	rows := []any{}
	add := func(v any) {
		a, err := json.Marshal(v)
		if err != nil {
			rows = append(rows, []any{value(v), nil, nil, nil, err.Error()})
			return
		}
		var raw bytes.Buffer
		encoder := json.NewEncoder(&raw)
		encoder.SetEscapeHTML(false)
		check(encoder.Encode(v))
		b, _ := json.MarshalIndent(v, "", "  ")
		rows = append(rows, []any{value(v), text(string(a)), text(strings.TrimSuffix(raw.String(), "\n")), text(string(b)), nil})
	}
	for _, v := range samples(r) {
		add(v)
	}
	for _, s := range []string{"<>&", "\u2028\u2029", "\x00\x01\x1f\x7f\x80", "\b\f\n\r\t\v", "\"\\/", "é\xffé", "\U0001F600", "\xed\xa0\x80", "\ufffd", "'"} {
		add(s)
	}
	for _, f := range []float64{math.NaN(), math.Inf(-1), math.Inf(1), 1e-9, 1e-10, 1e100, -0.0, 100, 1e20} {
		add([]any{f})
	}
	for i := 0; i < 400; i++ {
		add(randomValue(r, 4))
	}
	for i := 0; i < 200; i++ {
		add(randomFloat(r))
	}
	return rows
}

// rows: text, value, error
func jsonDecode(r *rand.Rand) []any {
	rows := []any{}
	add := func(s string) {
		var v any
		err := json.Unmarshal([]byte(s), &v)
		rows = append(rows, []any{text(s), value(v), errText(err)})
	}
	for _, s := range []string{"", " ", "null", "nul", "nulL", "tru", "trUe", "falsy", "x", "'a'", "\"", "\"a", "\"a\x00\"", "\"\n\"", `"\q"`, `"\u12"`, `"\u12x4"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83dx"`, `"\ud83d\n"`, `"\ud83d\u0041"`, `"\ud83d\ud83d\ude00"`, "\"\xff\"", "\"a\xed\xa0\x80b\"", "\xff", "é", "\u00a0", "-", "-a", "--1", "01", "1.", "1.e", "1e", "1e+", "1ex", "1E5", "-0", "0", "1e400", "[1e400, 2", "[1e400,-1e999]", `{"a":1e400}`, "1 2", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{a:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1,"a":2}`, `{"a":{"x":1},"a":{"y":2}}`, "{}", "[]", "[[[]]]", "{}}", "[]]", "\ufeff{}", "nan", "Infinity", "// c", "\"\\'\"", "\"\x7f\"", "\t\r\n 1 \t", "\v1", "1\x00", "{\"\\u0061\":1}", "\"\\/\\b\\f\\n\\r\\t\\\\\\\"\"", "123456789012345678901234567890", "0.1e-400", "9007199254740993", "\"\u2028\""} {
		add(s)
	}
	pieces := []string{"{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "1", "2.5", "-3e2", "true", "null", " ", "\n", "\"", "\\", "x", "0", "\"é\"", "\"\\u00e9\"", "\xff", "false", ".", "e", "'"}
	for i := 0; i < 1200; i++ {
		add(randomText(r, pieces, 8))
	}
	for i := 0; i < 500; i++ {
		b, err := json.Marshal(randomValue(r, 4))
		if err != nil || len(b) > 300 {
			continue
		}
		add(string(b))
		if len(b) > 0 {
			cut := append([]byte{}, b...)
			cut[r.Intn(len(cut))] = pick(r, []byte("{}[],:\"1x\\ \xff"))
			add(string(cut))
		}
	}
	return rows
}

// rows: value, ToInt64, ToFloat64, ToInt
func casts(r *rand.Rand) []any {
	rows := []any{}
	add := func(v any) {
		rows = append(rows, []any{value(v), fmt.Sprint(cast.ToInt64(v)), bits(cast.ToFloat64(v)), fmt.Sprint(cast.ToInt(v))})
	}
	for _, v := range samples(r) {
		add(v)
	}
	for _, f := range []float64{5.9, -5.9, 1e20, -1e20, 9.2233720368547758e18, -9.2233720368547758e18, math.MaxInt64, 0.5, math.Inf(-1)} {
		add(f)
	}
	for _, s := range []string{"5", "5.0", "5.00", "5.7", "5.", ".0", ".", "0", "00", "0.0", "0x10", "010", "08", "1_000", " 5", "5 ", "-3", "+3", "-3.0", "1e3", "0b11", "0o17", "true", "abc", "9223372036854775808", "inf", "nan", "0x1p4", "1.50", "10.0.0", "..0", "100", "1000.000", "é", "\xff", "1.5e3", "0x10.0", "_1", "1_0.5"} {
		add(s)
	}
	pieces := []string{"0", "1", "5", "9", ".", "0", "-", "x", "e", "_", "00"}
	for i := 0; i < 400; i++ {
		add(randomText(r, pieces, 6))
	}
	for i := 0; i < 200; i++ {
		add(randomFloat(r))
	}
	return rows
}

// Command golang writes the truth tables that the unit tests of src/golang read.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"unicode/utf8"
)

// tables are the writers by file name; each file is an array of rows.
var tables = map[string]func(r *rand.Rand) []any{}

func main() {
	root := "../../.."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	only := ""
	if len(os.Args) > 2 {
		only = os.Args[2]
	}
	names := []string{}
	for name := range tables {
		if only == "" || only == name {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		rows := tables[name](rand.New(rand.NewSource(1)))
		out := []byte("[\n")
		for i, row := range rows {
			line, err := json.Marshal(row)
			check(err)
			out = append(out, line...)
			if i+1 < len(rows) {
				out = append(out, ',')
			}
			out = append(out, '\n')
		}
		out = append(out, "]\n"...)
		check(os.WriteFile(filepath.Join(root, "testdata/golang", name+".json"), out, 0o644))
		fmt.Println(name, len(rows), "rows", len(out), "bytes")
	}
	if only == "" || only == "printable" {
		writePrintable(filepath.Join(root, "src/golang/strconv/printable.rs"))
	}
	if only == "" || only == "unicode" {
		writeUnicodeNames(filepath.Join(root, "src/golang/regexp/unicode_names.rs"))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// text is a string as the tables hold it: plain when it is UTF-8, else {"b": base64}.
func text(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return map[string]any{"b": base64.StdEncoding.EncodeToString([]byte(s))}
}

// errText is an error's text, null for none.
func errText(err error) any {
	if err == nil {
		return nil
	}
	return text(err.Error())
}

// bits are a float's bits.
func bits(f float64) string { return strconv.FormatUint(math.Float64bits(f), 16) }

// value is a Go value as the tables hold it.
func value(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return v
	case string:
		return text(v)
	case float64:
		return map[string]any{"f": bits(v)}
	case []byte:
		if v == nil {
			return map[string]any{"nil": "bytes"}
		}
		return map[string]any{"bytes": base64.StdEncoding.EncodeToString(v)}
	case []any:
		if v == nil {
			return map[string]any{"nil": "list"}
		}
		items := []any{}
		for _, item := range v {
			items = append(items, value(item))
		}
		return map[string]any{"list": items}
	case []string:
		if v == nil {
			return map[string]any{"nil": "strings"}
		}
		items := []any{}
		for _, item := range v {
			items = append(items, text(item))
		}
		return map[string]any{"strings": items}
	case []int:
		items := []any{}
		for _, item := range v {
			items = append(items, strconv.Itoa(item))
		}
		return map[string]any{"ints": items}
	case map[string]any:
		if v == nil {
			return map[string]any{"nil": "map"}
		}
		entries := [][2]any{}
		keys := []string{}
		for key := range v {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		for _, key := range keys {
			entries = append(entries, [2]any{text(key), value(v[key])})
		}
		return map[string]any{"map": entries}
	case map[string]string:
		entries := [][2]any{}
		keys := []string{}
		for key := range v {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		for _, key := range keys {
			entries = append(entries, [2]any{text(key), text(v[key])})
		}
		return map[string]any{"strmap": entries}
	default:
		return map[string]any{fmt.Sprintf("%T", v): fmt.Sprintf("%d", v)}
	}
}

func values(vs []any) []any {
	out := []any{}
	for _, v := range vs {
		out = append(out, value(v))
	}
	return out
}

// pick is a random element.
func pick[T any](r *rand.Rand, from []T) T { return from[r.Intn(len(from))] }

// randomText is made of pieces, joined.
func randomText(r *rand.Rand, pieces []string, most int) string {
	s := ""
	for n := r.Intn(most + 1); n > 0; n-- {
		s += pick(r, pieces)
	}
	return s
}

// randomFloat covers many magnitudes and shapes.
func randomFloat(r *rand.Rand) float64 {
	switch r.Intn(6) {
	case 0:
		return math.Float64frombits(r.Uint64())
	case 1:
		return float64(r.Int63n(1 << 20))
	case 2:
		return float64(r.Intn(2000000)-1000000) / 1000
	case 3:
		f, _ := strconv.ParseFloat(fmt.Sprintf("%de%d", r.Intn(100000), r.Intn(60)-30), 64)
		return f
	case 4:
		return math.Ldexp(1, r.Intn(200)-100)
	default:
		return r.NormFloat64()
	}
}

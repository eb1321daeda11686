package main

import (
	"fmt"
	"math"
	"math/rand"
	"strings"
)

func init() {
	tables["fmt"] = prints
}

func samples(r *rand.Rand) []any {
	return []any{nil, true, false, 0, 1, -1, 42, int8(-5), int16(300), int32(65), int64(-1 << 63), uint(7), uint8(200), uint16(65535), uint32(1 << 31), uint64(math.MaxUint64), 0x1F600, 97,
		0.0, 1.0, -1.5, 0.1, 1e6, 1e21, 1e-7, 3.14159, math.Inf(1), math.NaN(), 123456.789, randomFloat(r), randomFloat(r),
		"", "a", "hello", "日本語", "\x00\n\"", "a\xffb", "back`tick", "tab\there",
		[]byte(nil), []byte{}, []byte("abc"), []any(nil), []any{}, []any{1, "a", nil, 2.5}, []any{[]any{1, 2}, map[string]any{"k": "v"}}, []string{"x", "y z"}, []string(nil), []int{1, 2, 3},
		map[string]any(nil), map[string]any{}, map[string]any{"b": 1, "a": nil, "c": []any{1.5, "s"}, "d": map[string]any{"e": true}}, map[string]string{"k": "v", "j": ""}, []any{[]byte("hi"), []string{"q"}}}
}

// rows: format, operands, text; format null is Sprint, false is Sprintln
func prints(r *rand.Rand) []any {
	rows := []any{}
	add := func(format string, args ...any) {
		// Addresses differ from run to run.
		if strings.Contains(format, "p") {
			return
		}
		if out := fmt.Sprintf(format, args...); len(out) < 300 && len(fmt.Sprint(args...)) < 120 {
			rows = append(rows, []any{text(format), values(args), text(out)})
		}
	}
	all := samples(r)
	for _, v := range all {
		for _, verb := range "vTtdxXqsfgeGEbBoOcUz%w" {
			if r.Intn(3) > 0 {
				add("%"+string(verb), v)
			}
		}
		for _, f := range []string{"%+v", "%#v", "%5v|", "%-5v|", "%05v|", "%.2v|", "%8.3v|", "%+d", "% d", "%+q", "%#q", "%#x", "% x", "%# x", "%#o", "%+.3e", "%08.3f", "%#g", "%#.3g", "%-08d|", "%6.2q|", "%#U", "%.0d", "%x%%"} {
			if r.Intn(2) == 0 {
				add(f, v)
			}
		}
	}
	for _, f := range []string{"", "plain", "%", "%d", "%d %d", "%!", "%%", "%5", "%-", "%.", "%.3", "%[1]d", "%[2]d", "%[0]d", "%[x]d", "%[1d", "%[", "%[]d", "%[3]d %d", "%[2]d %[1]d", "%[2]*[1]d", "%*d", "%.*f", "%[1]*d", "%-*d|", "%[3]*.[2]*[1]f|", "%[3]2d", "%[3].2d", "%6.*[2]d", "%*", "%é", "\xff%d\xff%\xff", "%1000001d", "%99999999999d", "%.1000001d", "%d%%%s", "%s %[1]v %v", "%.[1]*d", "%[1].[2]d", "%.-3d", "%-.3d|", "%+-05d|", "%v %v %v %v", "%[5]v", "%*.*f|", "%!d", "%z %s", "%w"} {
		add(f)
		add(f, 1)
		add(f, 12, 3.5)
		add(f, 3.14159, 2, 12)
		add(f, "s", -5, 7)
		add(f, -4, -2, 2.5)
		add(f, nil, true, uint64(math.MaxUint64))
	}
	flags := []string{"", "+", "-", "#", " ", "0", "+#", "-0", "0+", "# ", "+ 0"}
	widths := []string{"", "", "1", "6", "12", "*"}
	precs := []string{"", "", ".", ".0", ".1", ".4", ".12", ".*"}
	verbs := "vvvdxXqsfgeGEboOcUtT"
	for i := 0; i < 800; i++ {
		format, args := "", []any{}
		for n := 1 + r.Intn(2); n > 0; n-- {
			w, p := pick(r, widths), pick(r, precs)
			if w == "*" {
				args = append(args, pick(r, []any{5, -7, 2, "x", 3.0, int64(4)}))
			}
			if strings.Contains(p, "*") {
				args = append(args, pick(r, []any{3, 0, -1, uint8(2), nil}))
			}
			format += pick(r, []string{"", "<", "a ", "é"}) + "%" + pick(r, flags) + w + p + string(verbs[r.Intn(len(verbs))]) + "|"
			args = append(args, pick(r, all))
		}
		switch r.Intn(12) {
		case 0:
			args = args[1:]
		case 1:
			args = append(args, pick(r, all))
		}
		add(format, args...)
	}
	for i := 0; i < 150; i++ {
		args := []any{}
		for n := r.Intn(5); n > 0; n-- {
			args = append(args, pick(r, all))
		}
		rows = append(rows, []any{nil, values(args), text(fmt.Sprint(args...))})
		rows = append(rows, []any{false, values(args), text(fmt.Sprintln(args...))})
	}
	return rows
}

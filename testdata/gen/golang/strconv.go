package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"os"
	"strconv"
	"unicode/utf8"
)

func init() {
	tables["float"] = floats
	tables["number"] = numbers
	tables["quote"] = quotes
}

var edgeFloats = []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 0.5, 1.5, 2.5, 0.25, 0.125, 999999, 999999.5, 1000000, 1234567, 1e5, 1e6,
	1e20, 1e21, 1e22, 1e-4, 1e-5, 1e-6, 1e-7, 0.00001234, 123456789, 12345678, 2097152, 5e-324, 2.2250738585072014e-308, math.MaxFloat64,
	math.Inf(1), math.Inf(-1), math.NaN(), 9007199254740993, 1e23, 8.41e21, 9.5, 99.5, 0.95, 4.35, 100, 1e-10, 123456.7, 1e100, 65504, 3.0000000000000004}

// rows: bits, %v, json (null when it has none), [[verb, precision, text]…], float32 %g
func floats(r *rand.Rand) []any {
	rows := []any{}
	all := append([]float64{}, edgeFloats...)
	for i := 0; i < 900; i++ {
		all = append(all, randomFloat(r))
	}
	for _, f := range all {
		var j any
		if b, err := json.Marshal(f); err == nil {
			j = string(b)
		}
		forms := [][3]any{}
		for i := 0; i < 5; i++ {
			verb := "eEfgGxXb"[r.Intn(8)]
			prec := r.Intn(24) - 1
			if i == 0 {
				prec = -1
			}
			if verb == 'f' && math.Abs(f) > 1e40 {
				verb = 'e'
			}
			forms = append(forms, [3]any{string(verb), prec, strconv.FormatFloat(f, verb, prec, 64)})
		}
		rows = append(rows, []any{bits(f), fmt.Sprint(f), j, forms, strconv.FormatFloat(float64(float32(f)), 'g', -1, 32)})
	}
	rows = append(rows, []any{bits(0.1), "0.1", "0.1", [][3]any{{"f", 1200, strconv.FormatFloat(0.1, 'f', 1200, 64)}, {"e", 1200, strconv.FormatFloat(0.1, 'e', 1200, 64)}, {"g", 1200, strconv.FormatFloat(0.1, 'g', 1200, 64)}}, "0.1"})
	return rows
}

func code(err error) any {
	if err == nil {
		return nil
	}
	return err.Error()
}

// rows: text, [ParseInt by [base, bits] …] as [base, bits, value, error], [ParseUint…], ParseFloat [bits, error], ParseBool [value, error], Atoi [value, error]
func numbers(r *rand.Rand) []any {
	texts := []string{"", "0", "1", "-1", "+1", "--1", "01", "08", "010", "0x10", "0X1f", "0b11", "0o17", "0x", "0b", "0o", "0_1", "_1", "1_", "1__0", "1_000", "0x_1f", "0_x1",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "99999999999999999999999", "99999999999999999999x",
		"127", "128", "-128", "-129", "255", "256", "32767", "2147483648", " 1", "1 ", "1.0", "5.0", "5.7", "1e3", "1E3", "1e+3", "1e-3", ".5", "5.", ".", "e5", "1e", "1e+", "0x1p4", "0x1.8p1", "0x.8p0", "0x1", "0x1.fffffffffffff8p0",
		"0x1.fffffffffffff7p0", "0x1.fffffffffffffp1023", "0x1.fffffffffffff8p1023", "0x1p1024", "0x1p-1074", "0x1p-1075", "0x1.8p-1075", "0x0.8p-1074", "0x3p-1075", "0x1p-2000", "0x123456789abcdef01p0", "0x1.00000000000008p0", "0x1.000000000000080001p0", "0x1.00000000000018p0", "0x_1p4", "0x1_fp4", "0x1p_4", "0x1p4_0", "0xp4", "0x1P+4", "0x1p4.0",
		"inf", "Inf", "+Inf", "-inf", "INFINITY", "infinit", "nan", "NaN", "-nan", "+nan", "infx", "1e400", "-1e400", "1e-400", "1.7976931348623157e308", "1.7976931348623159e308", "1_0.5", "1_.5", "1._5", "1e1_0", "1.5_0", "4.9e-324", "2.4e-324", "2.5e-324",
		"1e99999999999999999999", "1e-99999999999999999999", "0e99999", "123456789012345678901234567890", "true", "TRUE", "True", "tRue", "t", "f", "T", "F", "false", "False", "FALSE", "yes", "é", "1é", "0x1g", "0b12", "0o18", "1,000", "+", "-", "+0x10", "-0b1", "zz", "Zz", "1e5.5"}
	pieces := []string{"0", "1", "7", "9", "12", "_", ".", "e", "-", "+", "x", "0x", "a", "f", "p", "00", "345", "inf", "8", "b", "o"}
	for i := 0; i < 330; i++ {
		texts = append(texts, randomText(r, pieces, 7))
	}
	for i := 0; i < 60; i++ {
		f := randomFloat(r)
		texts = append(texts, strconv.FormatFloat(f, "efgx"[r.Intn(4)], r.Intn(20)-1, 64))
	}
	rows := []any{}
	for _, s := range texts {
		if len(s) > 120 {
			continue
		}
		ints, uints := []any{}, []any{}
		for _, base := range []int{0, pick(r, []int{2, 8, 10, 16, 36})} {
			size := pick(r, []int{0, 8, 16, 32, 64})
			i, err := strconv.ParseInt(s, base, size)
			ints = append(ints, []any{base, size, fmt.Sprint(i), code(err)})
			u, err := strconv.ParseUint(s, base, size)
			uints = append(uints, []any{base, size, fmt.Sprint(u), code(err)})
		}
		f, ferr := strconv.ParseFloat(s, 64)
		b, berr := strconv.ParseBool(s)
		a, aerr := strconv.Atoi(s)
		rows = append(rows, []any{s, ints, uints, []any{bits(f), code(ferr)}, []any{b, code(berr)}, []any{fmt.Sprint(a), code(aerr)}})
	}
	return rows
}

// rows: text, Quote, QuoteToASCII, CanBackquote, Unquote of the text itself (null when refused), rune quotes
func quotes(r *rand.Rand) []any {
	texts := []string{"", "a", "it's", "say \"hi\"", "back\\slash", "tab\t", "nl\n", "\x00\x01\x7f", "\u00a0", "é", "日本", "\U0001F600", "\ufeff", "\u200b", "\u2028", "\xff", "a\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\U0010FFFF", "\uE000", "\u0378", "\u00ad", "`", "a`b", "\r",
		`"a"`, `"\n"`, `"\x41"`, `"\101"`, `"\400"`, `"\u0041"`, `"\U0001F600"`, `"\ud800"`, `"\'"`, `'\''`, `'\"'`, `'a'`, `'ab'`, `''`, `'é'`, `"é"`, "`raw`", "`ra\rw`", "`a`b`", `"a`, `a"`, `"`, `"a"b"`, `"\`, `"\"`, `"\q"`, `"\x4"`, `"\u00"`, "\"a\nb\"", `"\\"`, "``", `""`, `'\n'`, `'\377'`, `"\377"`, `'日'`, `'日本'`}
	pieces := []string{"a", "\\", "\"", "'", "`", "n", "x", "4", "1", "u00e9", "\n", "\t", "é", "\xff", "\U0001F600", "\u200d", "\u0300", "\u0600", "0", "U0001"}
	for i := 0; i < 500; i++ {
		s := randomText(r, pieces, 6)
		if i%2 == 0 {
			q := pick(r, []string{"\"", "'", "`"})
			s = q + s + q
		}
		texts = append(texts, s)
	}
	for i := 0; i < 300; i++ {
		texts = append(texts, string(rune(r.Intn(0x3000)))+string(rune(0x10000+r.Intn(0x20000))))
	}
	rows := []any{}
	for _, s := range texts {
		var un any
		if utf8.ValidString(s) {
			if u, err := strconv.Unquote(s); err == nil {
				un = text(u)
			}
		}
		c, _ := utf8.DecodeRuneInString(s)
		rows = append(rows, []any{text(s), strconv.Quote(s), strconv.QuoteToASCII(s), strconv.CanBackquote(s), un, strconv.QuoteRune(c), strconv.QuoteRuneToASCII(c)})
	}
	return rows
}

func writePrintable(path string) {
	var out bytes.Buffer
	out.WriteString("//! Go's `strconv.IsPrint`, written by `testdata/gen/golang`.\n\n")
	out.WriteString("/// Whether Go prints the character as it is: letters, marks, numbers, punctuation, symbols and the\n/// ASCII space.\npub fn is_print(char: char) -> bool {\n    let code = u32::from(char);\n    match code {\n        0x20..=0x7E => true,\n        0..=0xA0 => false,\n        _ => PRINTABLE.binary_search_by(|(first, last)| {\n            if *last < code { std::cmp::Ordering::Less } else if *first > code { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Equal }\n        }).is_ok(),\n    }\n}\n\n")
	out.WriteString("/// Ranges of printable characters beyond ASCII, both ends included.\n#[rustfmt::skip]\nstatic PRINTABLE: &[(u32, u32)] = &[\n")
	column := 0
	for c := rune(0xA1); c <= utf8.MaxRune; c++ {
		if !strconv.IsPrint(c) {
			continue
		}
		first := c
		for c < utf8.MaxRune && strconv.IsPrint(c+1) {
			c++
		}
		if column == 0 {
			out.WriteString("   ")
		}
		fmt.Fprintf(&out, " (%#x, %#x),", first, c)
		if column++; column == 6 {
			out.WriteString("\n")
			column = 0
		}
	}
	if column > 0 {
		out.WriteString("\n")
	}
	out.WriteString("];\n")
	check(os.WriteFile(path, out.Bytes(), 0o644))
}

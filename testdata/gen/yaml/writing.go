package main

import (
	"bytes"
	"encoding/json"
	"math/rand"
	"strings"

	v3 "go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"
)

// pretty is Helm's toYamlPretty.
func pretty(value any) string {
	var text bytes.Buffer
	encoder := v3.NewEncoder(&text)
	encoder.SetIndent(2)
	check(encoder.Encode(value))
	return text.String()
}

// marshal is Helm's toYaml with the final line feed; nil when it fails.
func marshal(value any) any {
	text, err := sigs.Marshal(value)
	if err != nil {
		return nil
	}
	return string(text)
}

func contexts(text string) []any {
	forms := []any{map[string]any{"k": text}, []any{text}, map[string]any{text: 1}}
	row := []any{text}
	for _, form := range forms {
		row = append(row, marshal(form))
	}
	for _, form := range forms {
		row = append(row, pretty(form))
	}
	return row
}

var pieces = []string{
	"a", "b", "Z", "x y", "0", "1", "9", " ", " ", "  ", "\n", "\n", "\n\n", "\t", "\r", "-", "- ", "?", "? ", ":", ": ", ",", "#", " #",
	"[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "\\", "/", "=", "<", "<<", "~", "---", "...", ".", "_", "+", "$", ";",
	"é", "日", "\u00a0", "\u0085", "\u2028", "\u2029", "\ufeff", "\ue000", "\U0001F600", "\x00", "\x07", "\x1b", "\x7f", "\u0080", "\ufffe",
	"true", "null", "yes", "1.5", "0x1F", "2001-01-01", "12:30", "word", "https://e.org/a?b=c", "{{ .x }}", "k: v", "- i",
}

func weird(r *rand.Rand) string {
	var text strings.Builder
	for n := 1 + r.Intn(5); n > 0; n-- {
		text.WriteString(pick(r, pieces))
	}
	return text.String()
}

// stringRows has rows [text, v2 value, v2 item, v2 key, v3 value, v3 item, v3 key].
func stringRows(r *rand.Rand) []any {
	rows := []any{}
	seen := map[string]bool{}
	add := func(text string) {
		if !seen[text] {
			seen[text] = true
			rows = append(rows, contexts(text))
		}
	}
	for _, text := range append(append([]string{""}, pieces...), strings.Split("a b|a  b|a,b|a{b|-x|::1|it's|say \"hi\"|a:b|a: b|a:|a #b|a#b|#a|- a|-a|? a|?a|: a|:a|a |\na|a\n|a\n\n|\n|\n\n| \n|\n |a\n b|a \nb|a\n\nb| a\nb|a\tb\nc|\ta\n", "|")...) {
		add(text)
	}
	for _, text := range candidates(r, 250*scale) {
		add(text)
	}
	for i := 0; i < 1300*scale; i++ {
		add(weird(r))
	}
	return rows
}

var vocabulary = strings.Fields("a an the lorem ipsum-dolor consectetur https://example.org/a/very/long/path it's: \"quoted\" 1,000 é日本語 x=y -- - # : & end. parenthetical(remark) supercalifragilisticexpialidocious")

func prose(r *rand.Rand, columns int) string {
	var text strings.Builder
	for text.Len() < columns {
		text.WriteString(pick(r, vocabulary))
		text.WriteString(pick(r, []string{" ", " ", " ", " ", " ", "  ", "   ", ", ", "\u00a0"}))
	}
	return text.String()
}

// folding has rows [depth, text, v2, v3]: long texts below `depth` nested keys, in a list at odd depths.
func folding(r *rand.Rand) []any {
	rows := []any{}
	for i := 0; i < 130*scale; i++ {
		depth := r.Intn(6)
		text := prose(r, 60+r.Intn(240))
		switch r.Intn(6) {
		case 0:
			text = strings.TrimSpace(text)
		case 1:
			text = "'" + text
		case 2:
			text += "\t"
		case 3:
			text = strings.TrimSpace(text) + "\n" + prose(r, 100)
		case 4:
			text = strings.Map(func(c rune) rune {
				if strings.ContainsRune(":#&\"", c) {
					return 'x'
				}
				return c
			}, strings.TrimSpace(text))
		}
		var value any = text
		for level := 0; level < depth; level++ {
			if level%2 == 1 {
				value = []any{value}
			} else {
				value = map[string]any{"key": value}
			}
		}
		rows = append(rows, []any{depth, text, marshal(value), pretty(value)})
	}
	// Long keys.
	for _, n := range []int{120, 127, 128, 129, 200, 1021, 1022, 1023} {
		for _, unit := range []string{"k", "é", "k k "} {
			key := strings.TrimSpace(strings.Repeat(unit, n/len([]rune(unit))))
			for _, value := range []any{[]any{"v"}, map[string]any{"a": "b\nc"}} {
				rows = append(rows, []any{value, key, marshal(map[string]any{key: value}), pretty(map[string]any{key: value})})
			}
		}
	}
	return rows
}

func leaf(r *rand.Rand) any {
	switch r.Intn(10) {
	case 0:
		return nil
	case 1:
		return r.Intn(2) == 0
	case 2:
		return float64(r.Intn(100))
	case 3:
		return float64(r.Intn(1000000)) * pick(r, []float64{0.5, 1e6, 1e-9, 1e15, 1e13, 1.0 / 3, -1e12, 1e16})
	case 4:
		return prose(r, r.Intn(120))
	default:
		return pick(r, pieces)
	}
}

func key(r *rand.Rand) string {
	const letters = "aabbzAZ0011289__--..//é日 :"
	runes := []rune(letters)
	text := []rune{}
	for n := 1 + r.Intn(5); n > 0; n-- {
		text = append(text, pick(r, runes))
	}
	return string(text)
}

func tree(r *rand.Rand, depth int) any {
	if depth == 0 || r.Intn(4) == 0 {
		return leaf(r)
	}
	if r.Intn(2) == 0 {
		list := []any{}
		for n := r.Intn(4); n > 0; n-- {
			list = append(list, tree(r, depth-1))
		}
		return list
	}
	entries := map[string]any{}
	for n := r.Intn(6); n > 0; n-- {
		entries[key(r)] = tree(r, depth-1)
	}
	return entries
}

// values has rows [JSON text, v2, v3] of random trees.
func values(r *rand.Rand) []any {
	rows := []any{}
	for i := 0; i < 220*scale; i++ {
		value := tree(r, 1+r.Intn(4))
		text, err := json.Marshal(value)
		check(err)
		// go-yaml v2's order of keys is not transitive; then the result is left to chance.
		steady := true
		for n := 0; n < 8; n++ {
			steady = steady && marshal(value) == marshal(value)
		}
		if steady {
			rows = append(rows, []any{string(text), marshal(value), pretty(value)})
		}
	}
	return rows
}

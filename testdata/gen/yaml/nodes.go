package main

import (
	"bytes"
	"math/rand"
	"strings"

	v3 "go.yaml.in/yaml/v3"
)

func encoded(value any, compact bool) string {
	var text bytes.Buffer
	encoder := v3.NewEncoder(&text)
	encoder.SetIndent(2)
	if compact {
		encoder.CompactSeqIndent()
	}
	check(encoder.Encode(value))
	return text.String()
}

func strip(node *v3.Node) {
	node.HeadComment, node.LineComment, node.FootComment = "", "", ""
	for _, child := range node.Content {
		strip(child)
	}
}

// again reads a text into a tree and writes it; "" when that fails.
func again(text string, compact bool) (result string) {
	defer func() {
		if recover() != nil {
			result = ""
		}
	}()
	var node v3.Node
	if v3.Unmarshal([]byte(text), &node) != nil || node.Kind == 0 {
		return ""
	}
	strip(&node)
	// It writes a tag before each merge key, which says nothing.
	return strings.ReplaceAll(encoded(&node, compact), "!!merge <<", "<<")
}

// nodes has rows [text, v3, v3 compact]: trees with their styles, anchors and tags, written again without comments.
func nodes(r *rand.Rand) []any {
	rows := []any{}
	add := func(text string) {
		// go-yaml v3 reads a few texts otherwise than v2, by its treatment of comments, and loses the tag "!".
		if _, problem := read(text); problem != "" || strings.ContainsAny(text, "#\ufeff%") || strings.Contains(text, "! ") {
			return
		}
		if wide := again(text, false); wide != "" {
			rows = append(rows, []any{text, wide, again(text, true)})
		}
	}
	for _, text := range manifests {
		add(strings.ReplaceAll(text, "#", ""))
	}
	for i := 0; i < 2500*scale; i++ {
		var text strings.Builder
		for n := 2 + r.Intn(9); n > 0; n-- {
			text.WriteString(pick(r, tokens))
		}
		add(text.String())
	}
	for i := 0; i < 150*scale; i++ {
		add(mutate(r, strings.ReplaceAll(pick(r, manifests), "#", "")))
	}
	return rows
}

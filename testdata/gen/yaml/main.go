// Command yaml writes the truth tables that the unit tests of src/yaml read.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
)

// scale multiplies the number of random rows, for searching beyond what is committed.
var scale = 1

func main() {
	root := "../../.."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	seed := int64(1)
	if len(os.Args) > 2 {
		n, err := strconv.Atoi(os.Args[2])
		check(err)
		scale = n
		seed = int64(n)
	}
	out := filepath.Join(root, "testdata", "yaml")
	if scale > 1 {
		out = root
	}
	check(os.MkdirAll(out, 0o755))
	for _, table := range []struct {
		name string
		rows func(r *rand.Rand) []any
	}{
		{"scalars", scalars},
		{"strings", stringRows},
		{"folding", folding},
		{"values", values},
		{"documents", documents},
		{"nodes", nodes},
		{"aliases", aliases},
		{"portions", portions},
	} {
		rows := table.rows(rand.New(rand.NewSource(seed)))
		var text bytes.Buffer
		text.WriteString("[\n")
		for i, row := range rows {
			var line bytes.Buffer
			encoder := json.NewEncoder(&line)
			encoder.SetEscapeHTML(false)
			check(encoder.Encode(row))
			text.Write(bytes.TrimSuffix(line.Bytes(), []byte("\n")))
			if i+1 < len(rows) {
				text.WriteByte(',')
			}
			text.WriteByte('\n')
		}
		text.WriteString("]\n")
		check(os.WriteFile(filepath.Join(out, table.name+".json"), text.Bytes(), 0o644))
		fmt.Println(table.name, len(rows), "rows", text.Len(), "bytes")
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.Intn(len(from))] }

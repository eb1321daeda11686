// Writes the truth tables of text/template: what Go 1.26 prints or complains about.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
	"unicode/utf8"
)

// A case is one set of templates, parsed in order; the last one is executed.
type row struct {
	Templates [][2]any `json:"templates"`
	Missing   string   `json:"missing,omitempty"`
	Out       any      `json:"out,omitempty"`
	Error     any      `json:"error,omitempty"`
}

func text(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return map[string]string{"b": base64.StdEncoding.EncodeToString([]byte(s))}
}

func run(files [][2]string, missing string) row {
	r := row{Missing: missing}
	for _, f := range files {
		r.Templates = append(r.Templates, [2]any{f[0], text(f[1])})
	}
	out, err := execute(files, missing)
	if err != nil {
		r.Error = text(err.Error())
	} else {
		r.Out = text(out)
	}
	return r
}

func execute(files [][2]string, missing string) (string, error) {
	root := template.New("gotpl")
	root.Funcs(funcs(root))
	if missing != "" {
		root.Option("missingkey=" + missing)
	}
	for _, f := range files {
		if _, err := root.New(f[0]).Parse(f[1]); err != nil {
			return "", err
		}
	}
	var data any
	if err := json.Unmarshal([]byte(dataJSON), &data); err != nil {
		panic(err)
	}
	var buf bytes.Buffer
	err := root.ExecuteTemplate(&buf, files[len(files)-1][0], data)
	return buf.String(), err
}

func write(dir, name string, rows []row) {
	var out bytes.Buffer
	out.WriteString("[\n")
	for i, r := range rows {
		var line bytes.Buffer
		enc := json.NewEncoder(&line)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(r); err != nil {
			panic(err)
		}
		out.Write(bytes.TrimRight(line.Bytes(), "\n"))
		if i < len(rows)-1 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
	}
	out.WriteString("]\n")
	path := filepath.Join(dir, "testdata", "gotmpl", name+".json")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		panic(err)
	}
	fmt.Println(name, len(rows))
}

func main() {
	dir := os.Args[1]
	if err := os.WriteFile(filepath.Join(dir, "testdata", "gotmpl", "data.json"), []byte(dataJSON), 0o644); err != nil {
		panic(err)
	}
	for _, t := range topics {
		var rows []row
		for _, c := range t.cases {
			for _, missing := range t.missing {
				rows = append(rows, run([][2]string{{"t", c}}, missing))
			}
		}
		write(dir, t.name, rows)
	}
	var rows []row
	for _, files := range sets {
		rows = append(rows, run(files, "zero"))
	}
	write(dir, "sets", rows)
}

module gen/gotmpl

go 1.26

module kiln/testdata/gen/golang

go 1.26

require github.com/spf13/cast v1.7.0

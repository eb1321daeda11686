module kiln/testdata/gen/golang

go 1.26

require github.com/spf13/cast v1.7.0

require github.com/Masterminds/semver/v3 v3.5.0

require github.com/gobwas/glob v0.2.3

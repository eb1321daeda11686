module kiln/testdata/gen/golang

go 1.26

require (
	github.com/BurntSushi/toml v1.6.0
	github.com/Masterminds/semver/v3 v3.5.0
	github.com/gobwas/glob v0.2.3
	github.com/spf13/cast v1.7.0
)

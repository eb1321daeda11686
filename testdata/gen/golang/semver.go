package main

import (
	"fmt"
	"math/rand"
	"strings"

	"github.com/Masterminds/semver/v3"
)

func init() {
	tables["semver_version"] = semverVersions
	tables["semver_order"] = semverOrder
	tables["semver_constraint"] = semverConstraints
}

func versionTexts(r *rand.Rand, n int) []string {
	texts := []string{"", "1", "v1", "V1", "1.2", "1.2.3", "v1.2.3", "01.02.03", "1.2.3-alpha", "1.2.3-alpha.1+build.5", "1.2.3+meta", "1.2.3-01", "1.2.3-0", "1.2.3-00a", "1.2-rc1", "1-rc1", "1.2.3.4", "1.2.3-", "1.2.3+", "1.2.3-a..b", "1.2.3-a.", "1..2", ".1", "1.", "a", "1.a", "x", "1.x", " 1.2.3", "1.2.3 ", "99999999999999999999", "1.99999999999999999999.0", "18446744073709551615.18446744073709551615.18446744073709551615", "1.2.3-a_b", "1.2.3-é", "é", "-1", "1.2.3+a.b-c", "1.2.3-a-b.c+d-e", "1.2.3--", "1.2.3-+", "1+2", "1.2+2", "v1.28.3-gke.100", "1.2.3-99999999999999999999", "vv1", "1.2.3\n", "1.2.3-a+b+c", "00.0.0", "0", "v0.0.0-0", strings.Repeat("1", 256), strings.Repeat("1", 257), "1.2.3-" + strings.Repeat("a", 250), "1.2.3-" + strings.Repeat("a", 251), ".1.2", "..", "1.2.-", "1..", "1.2.+x"}
	pieces := []string{"0", "1", "2", "10", ".", ".", ".", "-", "+", "v", "rc", "alpha", "x", "01", "_"}
	for i := 0; i < n; i++ {
		texts = append(texts, randomText(r, pieces, 8))
	}
	return texts
}

func versionFields(v *semver.Version, err error) []string {
	if err != nil {
		return []string{err.Error()}
	}
	return []string{fmt.Sprintf("%d %d %d", v.Major(), v.Minor(), v.Patch()), v.Prerelease(), v.Metadata(), v.Original(), v.String()}
}

func next(f func() (semver.Version, error)) (out []string) {
	defer func() {
		if p := recover(); p != nil {
			out = []string{fmt.Sprint(p)}
		}
	}()
	v, err := f()
	if err != nil {
		return []string{err.Error()}
	}
	return []string{v.String(), v.Original()}
}

// rows: text, lenient fields or error, strict ones, [IncMajor, IncMinor, IncPatch, SetPrerelease a.1, 01, SetMetadata m.1, m!]
func semverVersions(r *rand.Rand) []any {
	rows := []any{}
	for _, text := range versionTexts(r, 700) {
		v, err := semver.NewVersion(text)
		strict, strictErr := semver.StrictNewVersion(text)
		nexts := [][]string{}
		if err == nil {
			nexts = append(nexts, next(func() (semver.Version, error) { return v.IncMajor(), nil }), next(func() (semver.Version, error) { return v.IncMinor(), nil }), next(func() (semver.Version, error) { return v.IncPatch(), nil }),
				next(func() (semver.Version, error) { return v.SetPrerelease("a.1") }), next(func() (semver.Version, error) { return v.SetPrerelease("01") }), next(func() (semver.Version, error) { return v.SetMetadata("m.1") }), next(func() (semver.Version, error) { return v.SetMetadata("m!") }))
		}
		rows = append(rows, []any{text, versionFields(v, err), versionFields(strict, strictErr), nexts})
	}
	return rows
}

var orderTexts = []string{"1", "1.0.0", "1.0.1", "1.1", "2", "10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0+a", "1.0.0-rc.1+b", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-99999999999999999999", "1.0.0-A", "1.0.0-a-b", "1.0.0--", "0.0.0", "0.0.1-0", "v1.0.0-alpha"}

// rows: version, version, Compare
func semverOrder(r *rand.Rand) []any {
	rows := []any{}
	for _, a := range orderTexts {
		for _, b := range orderTexts {
			rows = append(rows, []any{a, b, semver.MustParse(a).Compare(semver.MustParse(b))})
		}
	}
	return rows
}

// rows: constraint, error, String, [[version, Check, Validate's reasons]…]
func semverConstraints(r *rand.Rand) []any {
	versions := []string{"0.0.0", "0.0.1", "0.0.3", "0.1.0", "0.2.3", "0.2.4", "0.3.0", "1.0.0", "1.1.9", "1.2.0", "1.2.3", "1.2.4", "1.3.0", "2.0.0", "2.1.0", "3.0.0", "1.2.3-alpha", "1.2.3-beta.2", "2.0.0-rc.1", "0.0.0-0", "1.19.0-gke.1", "1.2.0-0", "1.2.3+meta", "v1.2", "11.0.0", "0.0.0-alpha"}
	bases := []string{"*", "x", "X", "1", "1.x", "1.2", "1.2.x", "1.2.*", "1.2.3", "0", "0.0", "0.0.0", "0.0.3", "0.2", "0.2.3", "v1.2.3", "1.2.3-alpha", "1.2-0", "1-0", "*-0", "2.0.0-rc.1", "1.2.3+meta", "1.x.3", "x.2.3", "0.x", "1.2.3-beta.2+m", "1.X", "01.2", "0.0.0-alpha"}
	ops := []string{"", "=", "!=", ">", "<", ">=", "=>", "<=", "=<", "~", "~>", "^"}
	texts := []string{"", " ", ",", "||", "1||", "||1", "1 || 2", "1|2", "1|x", ">", ">=", "==1", "<>1", "~^1", "1,2", "1, 2", "1 ,2", "1 , 2", ",1", "1,", "1 2", "1  2", "1>2", "1 >2", ">1<2", ">1,<2", ">1 <2", ">= 1.2 < 3", "1.2 - 1.4.5", "1.2-1.4", "1.2 -1.4", "1.2 - 1.4 - 1.6", ">=1.2 - 2", "1 - 2 || 3 - 4", "1 ||2 - 3", "1 - 2, 3 - 4", "a1 - 2", "1 - 2 1 - 2", "v1 - v2", "x - 3", "1.2.3-a - 2", "1.2.3.4", "1.2.", "1.2-", "1.2.3-01", "1.2.3-a..b", "latest", ">=latest", "é", "1 é", "> = 1", "! =1", "^ 1.2", "\t1.2\n", "1.2.3 -", "- 1.2.3", "99999999999999999999", ">=1.19-0", ">=1.19.0-0 <1.20.0-0", "^1.2.3 || ^2", "~1.2 || 3.x, !=3.1", ">=1.0.0-alpha, <2.0.0", "1.2.3-alpha || 2", strings.Repeat("1||", 31) + "1", strings.Repeat("1||", 32) + "1", strings.Repeat("1", 513), strings.Repeat("1", 512), "1.2.3-" + strings.Repeat("a", 300), ">1.2.3-" + strings.Repeat("a", 20), "=1.2.3=", "1.2.3 =", "1.2.3 = 1.2.3", "vx", "v", "1.v2", "1.2.3 || 1.2.3-a", "*.1.2", "*.*.*", "x.x-a", "~x.1"}
	for _, op := range ops {
		for _, base := range bases {
			texts = append(texts, op+base)
		}
	}
	pieces := append(append([]string{" ", ", ", " || ", "||", " - ", ",", "1.2.3", ">=", "<", "2"}, bases...), ops...)
	for i := 0; i < 300; i++ {
		texts = append(texts, randomText(r, pieces, 6))
	}
	for i := 0; i < 120; i++ {
		groups := []string{}
		for n := 1 + r.Intn(3); n > 0; n-- {
			conditions := []string{}
			for m := 1 + r.Intn(3); m > 0; m-- {
				conditions = append(conditions, pick(r, ops)+pick(r, []string{"", " "})+pick(r, bases))
			}
			groups = append(groups, strings.Join(conditions, pick(r, []string{", ", " ", ","})))
		}
		texts = append(texts, strings.Join(groups, pick(r, []string{"||", " || "})))
	}
	rows := []any{}
	for _, text := range texts {
		c, err := semver.NewConstraint(text)
		if err != nil {
			rows = append(rows, []any{text, err.Error(), nil, nil})
			continue
		}
		cases := []any{}
		for i := 0; i < 6; i++ {
			version := pick(r, versions)
			v := semver.MustParse(version)
			_, errs := c.Validate(v)
			reasons := []string{}
			for _, err := range errs {
				reasons = append(reasons, err.Error())
			}
			cases = append(cases, []any{version, c.Check(v), reasons})
		}
		rows = append(rows, []any{text, nil, c.String(), cases})
	}
	return rows
}

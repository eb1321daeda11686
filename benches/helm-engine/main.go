// helm-engine times Helm's own engine inside one process: loading a chart, its dependencies and
// values, rendering, and sorting the manifests, as `helm template` does them.
//
//	go mod init helm-engine && go get helm.sh/helm/v3@v3.21.4 && go build
//	GOMAXPROCS=1 ./helm-engine CASES RUNS
//
// CASES has one case on each line: the chart's folder and any values files, separated by tabs.
// Printed are, separated by tabs, the least time of all runs in microseconds and the case; cases that
// cannot be rendered are left out.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/getter"
	"helm.sh/helm/v3/pkg/releaseutil"
)

func render(words []string) error {
	chart, err := loader.Load(words[0])
	if err != nil {
		return err
	}
	given, err := (&values.Options{ValueFiles: words[1:]}).MergeValues(getter.Providers{})
	if err != nil {
		return err
	}
	if err := chartutil.ProcessDependenciesWithMerge(chart, given); err != nil {
		return err
	}
	options := chartutil.ReleaseOptions{Name: "rel", Namespace: "ns", Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(chart, given, options, chartutil.DefaultCapabilities)
	if err != nil {
		return err
	}
	files, err := engine.Render(chart, all)
	if err != nil {
		return err
	}
	for name := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(files, name)
		}
	}
	_, _, err = releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	return err
}

func main() {
	log.SetOutput(io.Discard)
	cases, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	runs, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	for lines := bufio.NewScanner(cases); lines.Scan(); {
		best := time.Duration(0)
		var failed error
		for run := 0; run < runs && failed == nil; run++ {
			start := time.Now()
			failed = render(strings.Split(lines.Text(), "\t"))
			if took := time.Since(start); best == 0 || took < best {
				best = took
			}
		}
		if failed == nil {
			fmt.Printf("%.1f\t%s\n", float64(best.Nanoseconds())/1000, lines.Text())
		}
	}
}

package main

import (
	"fmt"
	"math/rand"
	"time"
)

func init() {
	time.Local = time.UTC
	tables["time_format"] = timeFormat
	tables["time_parse"] = timeParse
	tables["duration"] = durations
}

var layouts = []string{time.ANSIC, time.UnixDate, time.RubyDate, time.RFC822, time.RFC822Z, time.RFC850, time.RFC1123, time.RFC1123Z, time.RFC3339, time.RFC3339Nano, time.Kitchen, time.StampNano, time.DateTime, time.DateOnly, "2006-01-02", "20060102150405", "Jan _2 2006", "__2 002", "06/1/2 3:4:5 pm", "15h04", "Monday, January 02", "Month Jane Janu", "Mondays Mony", "Z0700 Z07 Z070000 Z07:00:00", "-0700 -07 -070000 -07:00:00", "05.000 05,000 05.999 .9 .0 .00000000000", "_2006 _20060 2 _2", "", "literal é text", "03:04PM", "3:04:05.999999PM MST", "002 2006", "06", "Mon Jan", "01/02 03:04:05PM '06 -0700"}
var layoutPieces = []string{"2006", "06", "01", "1", "Jan", "January", "02", "2", "_2", "002", "__2", "15", "03", "3", "04", "4", "05", "5", "PM", "pm", "MST", "-0700", "-07:00", "Z07:00", "Z0700", "-07", ".000", ".999", ",00", "Mon", "Monday", " ", "-", ":", "/", "T", "x", "é", "Z", "."}

func randomTime(r *rand.Rand) (int64, int64) {
	nanos := int64(0)
	if r.Intn(2) == 0 {
		nanos = r.Int63n(1e9)
		for i := r.Intn(9); i > 0; i-- {
			nanos = nanos / 10 * 10
			if nanos%1000 != 0 {
				nanos -= nanos % 1000
			}
		}
	}
	switch r.Intn(5) {
	case 0:
		return r.Int63n(253402300800), nanos
	case 1:
		return -r.Int63n(62135596800), nanos
	case 2:
		return r.Int63n(400000000000) - 200000000000, nanos
	default:
		return 1500000000 + r.Int63n(300000000), nanos
	}
}

// rows: seconds, nanoseconds, zone, String, [[layout, text]…], "YearDay Weekday Month UnixMilli", [[years, months, days, nanoseconds], AddDate, Add, Truncate, Round, Sub of 1970]
func timeFormat(r *rand.Rand) []any {
	rows := []any{}
	zones := []string{"UTC", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo"}
	for i := 0; i < 450; i++ {
		seconds, nanos := randomTime(r)
		zone := pick(r, zones)
		if zone != "UTC" && (seconds < 0 || seconds > 2000000000) {
			seconds = 1000000000 + r.Int63n(900000000)
		}
		if i == 0 {
			seconds, nanos = -62135596800, 0
		}
		location, err := time.LoadLocation(zone)
		check(err)
		t := time.Unix(seconds, nanos).In(location)
		forms := [][2]string{}
		for j := 0; j < 3; j++ {
			layout := pick(r, layouts)
			if r.Intn(3) == 0 {
				layout = randomText(r, layoutPieces, 6)
			}
			forms = append(forms, [2]string{layout, t.Format(layout)})
		}
		y, m, d := r.Intn(7)-3, r.Intn(31)-15, r.Intn(101)-50
		unit := pick(r, []int64{1, 7, 1000, 1e9, 3600e9, 86400e9, 90e9, 0, -5, 1234567891234, int64(time.Hour) * 24 * 365})
		rows = append(rows, []any{seconds, nanos, zone, t.String(), forms, fmt.Sprint(t.YearDay(), " ", t.Weekday(), " ", t.Month(), " ", t.UnixMilli()),
			[]any{[]any{y, m, d, unit}, t.AddDate(y, m, d).String(), t.Add(time.Duration(unit)).String(), t.Truncate(time.Duration(unit)).String(), t.Round(time.Duration(unit)).String(), t.Sub(time.Unix(0, 0)).String()}})
	}
	return rows
}

// rows: layout, value, String, error
func timeParse(r *rand.Rand) []any {
	rows := []any{}
	add := func(layout, value string) {
		t, err := time.ParseInLocation(layout, value, time.Local)
		if err != nil {
			rows = append(rows, []any{layout, value, nil, err.Error()})
			return
		}
		rows = append(rows, []any{layout, value, t.String(), nil})
	}
	fixed := [][2]string{{"2006-01-02", "2024-02-29"}, {"2006-01-02", "2023-02-29"}, {"2006-01-02", "2024-13-01"}, {"2006-01-02", "2024-1-01"}, {"2006-01-02", "24-01-01"}, {"2006-01-02", "2024-01-01x"}, {"2006-01-02", ""}, {"2006-01-02", "é"}, {"", "x"}, {"", ""}, {"2006-01-02T15:04:05Z07:00", "2024-01-01T00:00:00Z"}, {time.RFC3339, "2024-01-01T00:00:00+02:00"}, {time.RFC3339, "2024-01-01T00:00:00.123456789123Z"}, {time.RFC3339, "2024-01-01T00:00:00,5-07:00"}, {time.RFC3339, "2024-01-01T24:00:00Z"}, {time.RFC3339, "2024-01-01T00:60:00Z"}, {time.RFC3339, "2024-01-01T00:00:60Z"}, {time.RFC3339, "2024-01-01T00:00:00+25:00"}, {time.RFC3339, "2024-01-01T00:00:00+02:61"}, {time.RFC3339, "2024-01-01T00:00:00+0200"}, {time.RFC3339, "2024-01-01T00:00:00"}, {time.RFC3339, "2024-01-01 00:00:00Z"}, {time.RFC3339, "2024-01-01T00:00:00+00:00"}, {time.RFC1123, "Mon, 02 Jan 2006 15:04:05 MST"}, {time.RFC1123, "Tue, 02 jan 2006 15:04:05 GMT"}, {time.RFC1123, "Tue, 02 JAN 2006 15:04:05 GMT+3"}, {time.RFC1123, "Xyz, 02 Jan 2006 15:04:05 MST"}, {time.RFC1123, "Mon, 02 Jan 2006 15:04:05 CEST"}, {time.RFC1123, "Mon, 02 Jan 2006 15:04:05 UTC"}, {time.RFC1123, "Mon, 02 Jan 2006 15:04:05 ChST"}, {time.RFC1123, "Mon, 02 Jan 2006 15:04:05 +03"}, {time.RFC1123, "Mon, 02 Jan 2006 15:04:05 ABCDE"}, {time.RFC1123, "Mon, 02 Jan 2006 15:04:05 WITA"}, {time.RFC1123, "Mon, 02 Jan 2006 15:04:05 AB"}, {time.Kitchen, "3:04PM"}, {time.Kitchen, "12:00AM"}, {time.Kitchen, "12:30PM"}, {time.Kitchen, "13:00PM"}, {time.Kitchen, "3:04pm"}, {time.Kitchen, "3:04"}, {"3:04pm", "3:04am"}, {"002 2006", "060 2024"}, {"002 2006", "060 2023"}, {"002 2006", "366 2023"}, {"002 2006", "366 2024"}, {"002 2006", "000 2024"}, {"002 2006 01", "060 2024 03"}, {"002 2006 01 02", "060 2024 02 28"}, {"__2 2006", " 60 2024"}, {"__2 2006", "  6 2024"}, {"_2 Jan", " 5 Feb"}, {"_2 Jan", "15 Feb"}, {"2 Jan", "5 Foo"}, {"January", "MARCH"}, {"06", "69"}, {"06", "68"}, {"06", "x8"}, {"06", "-8"}, {"2006", "-200"}, {"2006", "20+6"}, {"15:04:05.000", "01:02:03.123"}, {"15:04:05.000", "01:02:03.12"}, {"15:04:05.000", "01:02:03"}, {"15:04:05.999", "01:02:03"}, {"15:04:05.999", "01:02:03.1234567890123"}, {"15:04:05", "01:02:03.5"}, {"15:04:05", "01:02:03."}, {"15:04:05.0", "01:02:03.-"}, {"15:04:05.00", "01:02:03.-5"}, {"15", "5"}, {"15", "x"}, {"a  b", "a b"}, {"a b", "a   b"}, {"a b", "ab"}, {"a ", "a"}, {"-0700 MST", "+0200 CEST"}, {"-0700 MST", "+0000 UTC"}, {"Z07", "Z"}, {"Z07", "+05"}, {"-07", "x05"}, {"-070000", "-010203"}, {"-07:00:00", "+01:02:03"}, {"2006-01-02 15:04:05.999999999 -0700 MST", "2024-05-06 07:08:09.5 +0530 IST"}, {"2006 \"x\"", "2024 \\\"\x01"}, {"1/2/2006", "4/31/2024"}, {"2", "0"}, {"1", "0"}}
	for _, pair := range fixed {
		add(pair[0], pair[1])
	}
	for i := 0; i < 900; i++ {
		layout := pick(r, layouts)
		if r.Intn(3) == 0 {
			layout = randomText(r, layoutPieces, 6)
		}
		seconds, nanos := randomTime(r)
		if seconds < -62135596800 || seconds > 253402300799 {
			seconds = 0
		}
		zone := pick(r, []*time.Location{time.UTC, time.FixedZone("CEST", 7200), time.FixedZone("", -12600)})
		value := time.Unix(seconds, nanos).In(zone).Format(layout)
		if r.Intn(3) == 0 && len(value) > 0 {
			at := r.Intn(len(value))
			if value[at] < 0x80 {
				value = value[:at] + pick(r, []string{"0", "9", "x", " ", "-", ""}) + value[at+1:]
			}
		}
		add(layout, value)
	}
	return rows
}

// rows: text, [nanoseconds, String, unit, Round, Truncate, "Hours Seconds"], error
func durations(r *rand.Rand) []any {
	texts := []string{"", "0", "+0", "-0", "1", "-", "+", ".", ".s", "1s", "-1s", "+1s", "1.5h", "1h15m30.918273645s", "1.s", ".5s", "1us", "1µs", "1μs", "1ns", "1ms", "100ms", "1d", "1x", "3000000h", "9223372036854775807ns", "9223372036854775808ns", "-9223372036854775808ns", "2562047h47m16.854775807s", "2562047h47m16.854775808s", "-2562047h47m16.854775808s", "0.100000000000000000000h", "0.3333333333333333333h", "0.9223372036854775808s", "1h 1m", " 1s", "1s ", "1.2.3s", "1hm", "é", "1é", "\"", "99999999999999999999s", "0.000000001s", "0.0000000001s", "1e3s", "--1s", "1m1m", "1.1µs"}
	pieces := []string{"1", "2", "15", ".", "5", "h", "m", "s", "ms", "us", "µs", "ns", "-", "0", "x", "100"}
	for i := 0; i < 500; i++ {
		texts = append(texts, randomText(r, pieces, 7))
	}
	for i := 0; i < 400; i++ {
		texts = append(texts, time.Duration(r.Int63()>>uint(r.Intn(62))).String())
	}
	rows := []any{}
	for _, text := range texts {
		d, err := time.ParseDuration(text)
		if err != nil {
			rows = append(rows, []any{text, nil, err.Error()})
			continue
		}
		unit := pick(r, []time.Duration{0, -1, 1, 7, 1000, time.Second, time.Minute, time.Hour, 1 << 62})
		rows = append(rows, []any{text, []any{fmt.Sprint(int64(d)), d.String(), int64(unit), d.Round(unit).String(), d.Truncate(unit).String(), fmt.Sprint(d.Hours(), d.Seconds())}, nil})
	}
	return rows
}

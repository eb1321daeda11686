package main

import "fmt"

func init() {
	families["dates"] = func() []string {
		out := []string{}
		layouts := []string{
			"2006-01-02", "2006-01-02T15:04:05Z07:00", "Mon Jan _2 15:04:05 MST 2006", "Monday, 02-Jan-06 15:04:05.000 -0700", "3:04:05 pm PM", "Jan _2 2 02 __2 002",
			"Z07:00 -07:00 -0700 Z0700 -07 Z07", "15h04m05s", "2006-01-02T15:04:05.999999999", "Jan January 1 01", "no layout", "", "06/1/2 3:4:5", "20060102150405",
		}
		for _, layout := range layouts {
			for _, seconds := range []string{"0", "1700000000", "-1", "(int64 86400)", "951782400", "4102444800", "-62135596800"} {
				out = append(out, fmt.Sprintf("{{ date %q %s }}", layout, seconds))
				for _, zone := range []string{"UTC", "Asia/Tokyo", "America/New_York", "Bad/Zone", ""} {
					out = append(out, fmt.Sprintf("{{ dateInZone %q %s %q }}", layout, seconds, zone))
				}
			}
		}
		for _, text := range []string{
			"", "95", "-95", "x", "0", "3600", "1e3", " 5", "99999999999", "9223372036854775807", "99999999999999999999", "1h", "1h30m", "25h", "800h", "9000h", "-90m", "1.5s", "1s", "1.000000001s",
			"60s", "61s", "1m", "24h", "24h1s", "730h", "1us", "100d",
		} {
			out = append(out, call("duration", text), call("durationRound", text))
			out = append(out, fmt.Sprintf("{{ (toDate \"2006-01-02\" \"2024-02-29\") | dateModify %q }}", text))
			out = append(out, fmt.Sprintf("{{ (toDate \"2006-01-02\" \"2024-02-29\") | mustDateModify %q }}", text))
		}
		for _, pair := range [][2]string{
			{"2006-01-02", "2024-02-29"}, {"2006-01-02", "2023-02-29"}, {"2006-01-02", "bad"}, {"2006-01-02", ""}, {"", ""}, {"2006-01-02", "2024-02-29x"}, {"2006-01-02T15:04:05Z07:00", "2024-03-10T10:00:00+02:00"},
			{"2006-01-02T15:04:05Z07:00", "2024-03-10T10:00:00Z"}, {"Jan 2, 2006", "Feb 3, 2021"}, {"15:04", "25:00"}, {"2006-01-02 15:04:05 MST", "2024-01-01 00:00:00 CET"}, {"02/01/06", "31/12/69"}, {"2006-13-02", "2024-13-01"},
		} {
			out = append(out, call("toDate", pair[0], pair[1]), call("mustToDate", pair[0], pair[1]), "{{ toDate "+quoted(pair[0])+" "+quoted(pair[1])+" | unixEpoch }}",
				"{{ toDate "+quoted(pair[0])+" "+quoted(pair[1])+" | htmlDate }}", "{{ htmlDateInZone (toDate "+quoted(pair[0])+" "+quoted(pair[1])+") \"Asia/Tokyo\" }}")
		}
		return append(out, lines(`
{{ duration 95 }}{{ duration 95.0 }}{{ duration (int64 95) }}{{ duration nil }}{{ duration true }}{{ duration (int64 -5) }}
{{ durationRound 95 }}{{ durationRound (int64 90000000000) }}{{ durationRound nil }}{{ durationRound .i }}
{{ htmlDate 0 }}{{ htmlDate (int64 86400) }}{{ htmlDateInZone 0 "Bad/Zone" }}
{{ date_in_zone "2006" 0 "UTC" }}
{{ typeOf now }}{{ kindOf now }}{{ ago now }}{{ now | date "2006" | len }}{{ now | unixEpoch | len }}
{{ ago "x" }}{{ ago nil }}
{{ date "2006" .i | len }}{{ date "2006" nil | len }}{{ date "2006" "x" | len }}
{{ unixEpoch 0 }}
{{ unixEpoch nil }}
{{ dateModify "1h" 0 }}
{{ dateModify "1h" nil }}
{{ toDate "2006-01-02" "2024-03-10" | date_modify "-1.5h" | date "2006-01-02 15:04" }}
{{ toDate "2006-01-02" "2024-03-10" | must_date_modify "x" }}
{{ $t := toDate "2006-01-02" "2024-03-10" }}{{ $t }} {{ $t.Year }} {{ $t.Month }} {{ $t.Day }} {{ $t.Weekday }} {{ $t.YearDay }} {{ $t.Unix }} {{ $t.IsZero }} {{ $t.Format "Jan-06" }} {{ $t.AddDate 1 2 3 }}
{{ $t := toDate "2006-01-02" "2024-03-10" }}{{ $u := dateModify "36h" $t }}{{ $u.Sub $t }} {{ $u.After $t }} {{ ($u.Sub $t).Hours }} {{ deepEqual $t $t }} {{ $t | toJson }} {{ typeOf ($u.Sub $t) }} {{ durationRound ($u.Sub $t) }}
{{ printf "%v %s %T" (toDate "2006" "2024") (toDate "2006" "2024") (toDate "2006" "2024") }} {{ quote (toDate "2006" "2024") }} {{ toString (toDate "2006" "2024") }}
{{ empty (toDate "2006" "x") }} {{ toDate "2006" "x" }}
{{ date 1 2 }}
{{ date "2006" }}
{{ now 1 }}
`)...)
	}
}

package main

import "fmt"

func init() {
	families["regex"] = func() []string {
		out := []string{}
		patterns := []string{"a", "a*", "", "b+", "(a)(b)?", "^", "$", "\\b", "[aeiou]", "(?P<x>.)(?P<y>.)", ".", "a|ab", "(?i)A", "é", "\\s+", "(?m)^.", "x*", "[^a]", "\\d+"}
		texts := []string{"", "a", "abab", "baaac", "héé a1b22", "one two  three", "line1\nline2", "a\xffb"}
		for _, pattern := range patterns {
			for _, text := range texts {
				out = append(out, call("regexMatch", pattern, text), call("regexFind", pattern, text))
				for _, n := range []int{-1, 0, 1, 2} {
					out = append(out, fmt.Sprintf("{{ regexFindAll %s %s %d | toJson }}", quoted(pattern), quoted(text), n))
					out = append(out, fmt.Sprintf("{{ regexSplit %s %s %d | toJson }}", quoted(pattern), quoted(text), n))
				}
				for _, replacement := range []string{"", "_", "<$0>", "$1-$2", "${1}x", "$1x", "$x$y", "$$", "$", "${", "${x", "$-", "$10", "${01}", "é$1é"} {
					out = append(out, call("regexReplaceAll", pattern, text, replacement), call("regexReplaceAllLiteral", pattern, text, replacement))
				}
			}
		}
		for _, bad := range []string{"[", "(", "a**", "\\", "x{1001}", "(?P<n", "[z-a]", "\\8", "*", "a\n[", "`(", "\\pX"} {
			for _, function := range []string{"regexMatch", "mustRegexMatch", "regexFind", "mustRegexFind"} {
				out = append(out, call(function, bad, "a"))
			}
			for _, function := range []string{"regexFindAll", "mustRegexFindAll", "regexSplit", "mustRegexSplit"} {
				out = append(out, call(function, bad, "a", -1))
			}
			for _, function := range []string{"regexReplaceAll", "mustRegexReplaceAll", "regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"} {
				out = append(out, call(function, bad, "a", "b"))
			}
		}
		return append(out, lines(`
{{ mustRegexMatch "a" "cat" }}{{ mustRegexFind "a." "cat" }}{{ mustRegexFindAll "[a-c]" "cab" -1 }}{{ mustRegexReplaceAll "a(.)" "cat" "$1" }}{{ mustRegexReplaceAllLiteral "a(.)" "cat" "$1" }}{{ mustRegexSplit "a" "cat" -1 }}
{{ regexQuoteMeta "a.b*c[d]e{f}g(h)i|j^k$l\\m+n?o-p/q é" }}
{{ regexFindAll "a" "b" -1 | toJson }}{{ regexFindAll "a" "b" -1 | typeOf }}{{ regexSplit "a" "b" 0 | toJson }}
{{ regexReplaceAll "(\\w+)@(\\w+)" "me@here you@there" "${2}_$1" }}
{{ regexReplaceAll "a(x)?b" "ab axb" "[$1]" }}
{{ regexMatch 1 "a" }}
{{ regexFindAll "a" "b" "1" }}
{{ regexFindAll "a" "b" }}
`)...)
	}
	families["encode"] = func() []string {
		out := []string{}
		for _, word := range append(words, "hello", "ab", "abc", "abcd", "abcde", "The quick brown fox jumps over the lazy dog") {
			for _, function := range []string{"b64enc", "b32enc", "sha1sum", "sha256sum", "sha512sum", "adler32sum"} {
				out = append(out, call(function, word))
			}
		}
		for _, code := range []string{
			"", "aGVsbG8=", "aGVsbG8", "aGVs\nbG8=", "aGVsbG8=\n", "aGVsbG8=x", "a", "aa", "aaa", "aa=", "aa==", "aa=a", "aaa=", "aaa==", "=", "====",
			"!!!", "aGVs!", "aGVsbG8= ", "aGVsbG8\r\n=", "aa=\n=", "aa\n=\n=\n", "aaaa=", "aaaaa===", "-_-_", "YWI=YWI=", "ab==", "/+8=", "aGVsbG8gd29ybGQhIQ==", "aGVsbG8gd29ybGQhI?==",
		} {
			out = append(out, call("b64dec", code))
		}
		for _, code := range []string{
			"", "NBSWY3DP", "NBSWY3DPEB3W64TMMQ======", "nbswy3dp", "NBSWY3D", "NBSWY3D=", "ME======", "MFRA====", "MFRGG===", "MFRGGZA=", "M=======", "MF======", "MFR=====",
			"ME=====", "ME====", "ME======ME", "ME==A===", "NBSW\nY3DP", "========", "A", "A=", "AA=", "1NBSWY3D", "NBSWY3D1", "MFRGGZ==", "NBSWY3DPM", "NBSWY3DP=",
		} {
			out = append(out, call("b32dec", code))
		}
		return append(out, lines(`
{{ b64enc 1 }}
{{ b64enc nil }}
{{ b64enc .null }}
{{ sha256sum .i }}
{{ b64dec (b64enc "a\xffb") | quote }}
{{ b32dec (b32enc "a\xffb") | quote }}
`)...)
	}
	families["json"] = func() []string {
		out := []string{}
		for _, value := range []string{
			"nil", "1", "1.5", "\"a\"", "true", ".l", ".m", "(list)", "(dict)", ".big", "1e21", "1e-7", "\"<a>&\\u2028\"", "\"a\\xffb\"", "(until 2)", "(split \",\" \"a\")",
			"(semver \"v1.2\")", "(semver \"1.2.3\").IncMajor", "(list (dict \"b\" (list) \"a\" (dict)) nil)", "(dict \"x\" (dict \"y\" 1) \"l\" (list 1 (list 2)))", "(list \"a\" (list))",
		} {
			for _, function := range []string{"toJson", "mustToJson", "toPrettyJson", "mustToPrettyJson", "toRawJson", "mustToRawJson"} {
				out = append(out, fmt.Sprintf("{{ %s %s }}", function, value))
			}
		}
		for _, text := range []string{
			"", "null", "1", "1.50", "-0", "1e3", "\"a\"", "true", "[]", "{}", "[1,\"a\",null]", "{\"b\":1,\"a\":[{}]}", "{", "[1,]", "{\"a\":}", "nope", "1 2", "\"\\u00e9\\ud83d\\ude00\"",
			"{\"a\":1,\"a\":2}", "  [ 1 ] ", "01", "+1", "\"\n\"", "1e400", "[1,2", "{\"a\" 1}", "'a'",
		} {
			out = append(out, "{{ fromJson "+quoted(text)+" | toJson }}", "{{ mustFromJson "+quoted(text)+" | toJson }}", "{{ fromJson "+quoted(text)+" | typeOf }}")
		}
		return append(out, lines(`
{{ toRawJson (float64 "inf") }}
{{ mustToRawJson (float64 "nan") }}
{{ toJson (float64 "inf") | quote }}
{{ mustToJson (list (float64 "-inf")) }}
{{ toPrettyJson (float64 "inf") | quote }}
{{ mustToPrettyJson (dict "a" (float64 "inf")) }}
{{ fromJson 1 }}
{{ (fromJson "{\"a\":{\"b\":2}}").a.b }}
`)...)
	}
	families["urls"] = func() []string {
		out := []string{}
		for _, text := range []string{
			"", "*", "a", "/a/b", "a/b?c=d#e", "http://h", "http://h/", "http://h:80/p?q=1&r=2#frag", "HTTP://User:Pa%20ss@EX.com:8080/a%2Fb?x#y%20z", "mailto:a@b.c", "//host/path",
			"///p", "http:///p", "http://[::1]:80/", "http://[fe80::1%25en0]/x", "http://[::1", "http://[::1]x", "http://[::1]:x", "http://[1.2.3.4]/", "http://[bad]/", "http://[::g]/", "http://[1:2:3]/",
			"http://[::ffff:1.2.3.4]/", "http://[1:2:3:4:5:6:7:8:9]/", "http://[::1::2]/", "http://[:1]/", "http://[1:]/", "http://[12345::]/", "http://[::1%25]/", "http://[::1.2.3]/", "http://[1:2:3:4:5:6:7::8]/", "http://a[::1]/",
			"http://[%25x]/", "http://[::300.1.1.1]/", "http://[1.02.3.4]/", "http://[::1.2.3.x]/",
			"http://h:port/", "http://h:/", "http://a b.com", "http://h/%zz", "http://h/%", "http://h/%a", "http://%41/", "http://%c3%a9/", "http://é.com/ü?ö#ä", "http://a%20b/", "http://u@h", "http://u:@h", "http://:p@h", "http://u:p@w@h", "http://u p@h",
			"http://u%zz@h", "http://<h>", "http://a\"b", "http://h\\x", ":", ":a", "1:a", "a:b", "a:b:c", "./a:b", "a/b:c", "1a://h", "a+b-c.d://h/p", "é://h", "http:a/b", "http:?q", "?q", "#f", "?", "http://h?", "http://h?#", "http://h#%zz", "http://h#a b",
			"http://h/a b", "http://h/a;b,c", "http://h\x7f", "http://h/\n", "postgres://u:p@h:5432/db?sslmode=disable", "jdbc:mysql://h/db", "a%3ab", "a://b:c:d/", "http://b:1:2/", "file:///etc/x", "data:text/plain;base64,AA==", "http://h/?a=%zz", "http://h/??", "urn:isbn:1#x",
		} {
			out = append(out, "{{ urlParse "+quoted(text)+" | toJson }}", "{{ urlParse "+quoted(text)+" | urlJoin }}")
		}
		for _, path := range []string{
			"", ".", "..", "/", "//", "a", "a/", "/a", "/a/b/", "a//b", "/../a", "../a/..", "a/../..", "./a", "a/./b/../c", "a.b", "a.b.c", ".hidden", "a/.b", "a.b/c", "/a/b.txt", "...", "a/b/../../..", "/a/..", "é/ü.x",
		} {
			for _, function := range []string{"base", "dir", "clean", "ext", "isAbs", "osBase", "osDir", "osClean", "osExt", "osIsAbs"} {
				out = append(out, call(function, path))
			}
		}
		return append(out, lines(`
{{ urlJoin (dict) | quote }}
{{ urlJoin nil | quote }}
{{ urlJoin (dict "scheme" "http" "host" "h:1" "path" "/p q" "query" "a=b c" "fragment" "f g!") }}
{{ urlJoin (dict "scheme" "https" "host" "h" "userinfo" "u:p") }}
{{ urlJoin (dict "scheme" "https" "host" "h" "userinfo" "u p") }}
{{ urlJoin (dict "scheme" "https" "host" "h" "userinfo" "u%zz") }}
{{ urlJoin (dict "scheme" "https" "userinfo" "u:p%20w/") }}
{{ urlJoin (dict "scheme" "https" "userinfo" "u") }}
{{ urlJoin (dict "host" "h" "path" "p") }}
{{ urlJoin (dict "path" "a:b/c") }}
{{ urlJoin (dict "path" "//x") }}
{{ urlJoin (dict "path" "*") }}
{{ urlJoin (dict "path" "a?b#c%d[e]") }}
{{ urlJoin (dict "scheme" "http" "path" "p") }}
{{ urlJoin (dict "scheme" "mailto" "opaque" "a@b" "query" "x") }}
{{ urlJoin (dict "scheme" "http" "host" "é h") }}
{{ urlJoin (dict "scheme" "http") }}
{{ urlJoin (dict "host" 5) }}
{{ urlJoin (dict "host" nil) }}
{{ urlJoin (dict "path" (list)) }}
{{ urlJoin (dict "userinfo" true) }}
{{ urlJoin (dict "hostname" "ignored" "path" "x") }}
{{ urlJoin "a" }}
{{ urlParse 1 }}
{{ getHostByName "localhost" | quote }}
`)...)
	}
	families["semver"] = func() []string {
		out := []string{}
		versions := []string{"1.2.3", "v1.2.3", "1.2", "1", "1.2.3-alpha.1+build.5", "1.2.3-01", "01.2.3", "1.2.3.4", "", "abc", "v1.2.3-rc1", "2.0.0", "0.0.0", "1.0.0-0", "1.2.3+meta", " 1.2.3"}
		for _, version := range versions {
			out = append(out, call("semver", version))
			for _, method := range []string{"Major", "Minor", "Patch", "Prerelease", "Metadata", "Original", "String", "IncMajor", "IncMinor", "IncPatch"} {
				out = append(out, fmt.Sprintf("{{ (semver %s).%s }}", quoted(version), method))
			}
			for _, constraint := range []string{"*", "^1.2", "~1.2.0", ">=1.2.3", "<2", "!=1.2.3", "1.2.x", "1.2 - 1.4.5", ">=1.0.0-0", ">1 || <0.5", "", "bad!", "=v1.2.3", "^0.0.0"} {
				out = append(out, call("semverCompare", constraint, version))
			}
		}
		return append(out, lines(`
{{ (semver "1.2.3").Compare (semver "1.2.4") }}{{ (semver "1.2.3").Compare (semver "1.2.3+x") }}{{ (semver "2.0.0").Compare (semver "2.0.0-rc") }}
{{ (semver "1.2.3").LessThan (semver "1.2.4") }}{{ (semver "1.2.3").GreaterThan (semver "1.2.4") }}{{ (semver "1.2.3").Equal (semver "v1.2.3") }}
{{ (semver "1.2.3").LessThanEqual (semver "1.2.3") }}{{ (semver "1.2.3").GreaterThanEqual (semver "1.2.4") }}
{{ (semver "1.2.3").SetPrerelease "beta.1" }}{{ (semver "1.2.3").SetMetadata "b1" }}
{{ (semver "1.2.3").SetPrerelease "b_1" }}
{{ (semver "1.2.3").SetPrerelease "01" }}
{{ ((semver "1.2.3").IncMajor).Original }}
{{ ((semver "1.2.3").IncMajor).Major }}
{{ ((semver "1.2.3").IncMajor).LessThan (semver "1.0.0") }}
{{ (semver "1.2.3").Compare "1.2.3" }}
{{ (semver "1.2.3").Compare }}
{{ (semver "1.2.3").Compare nil }}
{{ (semver "1.2.3").Nope }}
{{ semver 1 }}
{{ semverCompare ">=1.0" .i }}
{{ printf "%s %v %T" (semver "v1.2") (semver "v1.2") (semver "v1.2") }}
{{ if semver "0.0.0" }}yes{{ end }}
`)...)
	}
	families["crypto"] = func() []string {
		out := []string{}
		for _, kind := range []string{"maximum", "long", "medium", "short", "basic", "pin", "bad", ""} {
			out = append(out, call("derivePassword", 1, kind, "password", "user", "example.com"), call("derivePassword", 7, kind, "", "é", "x"))
		}
		return append(out, lines(`
{{ derivePassword -1 "long" "p" "u" "s" }}
{{ derivePassword "1" "long" "p" "u" "s" }}
{{ derivePassword .i "long" "p" "u" "s" }}
{{ derivePassword 4294967296 "long" "p" "u" "s" }}
{{ htpasswd "us:er" "pw" }}
{{ htpasswd "user" "pw" | trunc 12 }}{{ htpasswd "user" "pw" | len }}
{{ bcrypt "pw" | trunc 7 }}{{ bcrypt "" | len }}
{{ bcrypt "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }}
{{ encryptAES "key" "" | quote }}{{ encryptAES "key" "0123456789abcdef" | len }}{{ encryptAES "" "a" | len }}
{{ encryptAES "key" "secret text é" | decryptAES "key" }}
{{ encryptAES "a key that is longer than the thirty-two bytes of AES" "x" | decryptAES "a key that is longer than the thirty-two by" }}
{{ decryptAES "k" "" | quote }}
{{ decryptAES "k" "!!" }}
{{ decryptAES "k" "YWJj" }}
{{ decryptAES "k" "AAAAAAAAAAAAAAAAAAAAAA==" }}
{{ decryptAES "k" "AAAAAAAAAAAAAAAAAAAAAAAA" }}
{{ decryptAES "secret_key_for_test" "30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ=" }}
{{ genPrivateKey "nope" }}
{{ genPrivateKey "ecdsa" | trim | splitList "\n" | first }}{{ genPrivateKey "ed25519" | trim | splitList "\n" | last }}
{{ genCA 1 2 }}
{{ genCA "a" "b" }}
{{ genCAWithKey "ca" 10 "bad" }}
{{ genCAWithKey "ca" 10 "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }}
{{ genCAWithKey "ca" 10 "-----BEGIN X PRIVATE KEY-----\nAAAA\n-----END X PRIVATE KEY-----\n" }}
{{ genSelfSignedCertWithKey "cn" (list "bad") nil 10 (genPrivateKey "ecdsa") }}
{{ genSelfSignedCertWithKey "cn" (list 1) nil 10 (genPrivateKey "ecdsa") }}
{{ genSelfSignedCertWithKey "cn" nil (list 1) 10 (genPrivateKey "ecdsa") }}
{{ genSelfSignedCertWithKey "cn" nil (list "é.x") 10 (genPrivateKey "ecdsa") }}
{{ genSelfSignedCertWithKey "cn" "a" nil 10 "k" }}
{{ (genCAWithKey "ca" 10 (genPrivateKey "ecdsa")).Key | splitList "\n" | first }}
{{ (genCAWithKey "ca" 10 (genPrivateKey "ed25519")).Cert | splitList "\n" | first }}
{{ $k := genPrivateKey "ecdsa" }}{{ eq $k (genCAWithKey "ca" 10 $k).Key }}
{{ $k := genPrivateKey "ed25519" }}{{ eq $k (genCAWithKey "ca" 10 $k).Key }}
{{ genSignedCertWithKey "cn" nil nil 10 "notca" "k" }}
{{ $ca := genCAWithKey "ca" 10 (genPrivateKey "ecdsa") }}{{ (genSignedCertWithKey "cn" (list "10.0.0.1" "::1") (list "a.b") 10 $ca (genPrivateKey "ed25519")).Cert | contains "CERTIFICATE" }}
{{ $ca := genCAWithKey "ca" 10 (genPrivateKey "ecdsa") }}{{ $b := buildCustomCert (b64enc $ca.Cert) (b64enc $ca.Key) }}{{ eq $b.Cert $ca.Cert }}{{ eq $b.Key $ca.Key }}{{ typeOf $b }}{{ kindOf $b }}{{ deepEqual $b $ca }}
{{ $ca := genCAWithKey "ca" 10 (genPrivateKey "ecdsa") }}{{ $cb := genCAWithKey "cb" 10 (genPrivateKey "ecdsa") }}{{ $b := buildCustomCert (b64enc $ca.Cert) (b64enc $cb.Key) }}{{ genSignedCertWithKey "cn" nil nil 1 $b (genPrivateKey "ecdsa") }}
{{ buildCustomCert "!" "a" }}
{{ buildCustomCert "YQ==" "!" }}
{{ buildCustomCert "YQ==" "YQ==" }}
{{ $ca := genCAWithKey "ca" 10 (genPrivateKey "ecdsa") }}{{ buildCustomCert (b64enc $ca.Cert) "YQ==" }}
{{ (genCAWithKey "ca" 10 (genPrivateKey "ecdsa")).Nope }}
`)...)
	}
}

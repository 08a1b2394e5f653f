package forgery

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

func hexOf(b byte) string { return hex.EncodeToString([]byte{b}) }

// encodings are no tokens in the compact form (RFC 7515, 7.1), or have parts that are none.
func encodings(i Issuer, now time.Time) map[string]string {
	good := i.Token(now)
	parts := strings.Split(good, ".")
	sign := signES256(i.Key)
	variants := map[string]string{
		"a word": "token", "a dot": ".", "two dots": "..", "three dots": "...", "no claims": parts[0] + ".." + parts[2],
		"no header": "." + parts[1] + "." + parts[2],
		"one part":  parts[0], "two parts": parts[0] + "." + parts[1], "two parts and a dot": parts[0] + "." + parts[1] + ".",
		"four parts": good + ".", "four parts, the last one text": good + "." + parts[2], "five parts, as of JWE": good + "..",
		"twice": good + "." + good, "a hundred parts": strings.Repeat("a.", 99) + "a",
		"a space before a dot": strings.Replace(good, ".", " .", 1), "a comma for a dot": strings.Replace(good, ".", ",", 1),
		"percent-encoded": url.QueryEscape(good+"=") + "%", "in quotes": `"` + good + `"`, "in brackets": "<" + good + ">",
		"the JSON form":                  string(must(json.Marshal(object{"protected": parts[0], "payload": parts[1], "signature": parts[2]}))),
		"in base64":                      base64.StdEncoding.EncodeToString([]byte(good)),
		"padded claims":                  parts[0] + "." + parts[1] + "==." + parts[2],
		"a null byte":                    parts[0] + "." + parts[1] + "%00." + parts[2],
		"letters that base64url has not": parts[0] + "." + parts[1] + "!." + parts[2],
		"letters of base64":              parts[0] + "." + parts[1] + "+/." + parts[2],
	}
	for name, header := range map[string]string{
		"no JSON": "{", "empty": "", "null": "null", "an array": `["ES256"]`, "text": `"ES256"`, "a number": "256",
		"UTF-16":        "\xff\xfe{\x00}\x00",
		"invalid UTF-8": "{\"alg\":\"ES256\",\"kid\":\"\xff\"}", "a null byte at its end": string(must(json.Marshal(i.header()))) + "\x00",
	} {
		variants["a header that is "+name] = token([]byte(header), i.claims(now), sign)
	}
	claims := must(json.Marshal(i.claims(now)))
	for name, text := range map[string]string{
		"no JSON": "{", "empty": "", "null": "null", "an array": "[" + string(claims) + "]", "text": `"attacker"`, "a number": "7",
		"true":        "true",
		"two objects": string(claims) + string(claims), "followed by a null byte": string(claims) + "\x00", "a token": good,
		"with a comment": "/* */" + string(claims), "with a comma at its end": strings.TrimSuffix(string(claims), "}") + ",}",
		"encoded twice": encode(claims),
	} {
		variants["claims that are "+name] = token(i.header(), []byte(text), sign)
	}
	variants["claims that are compressed"] = token(i.header().with("zip", "DEF"), deflate(claims), sign)
	return variants
}

func must(text []byte, err error) []byte {
	if err != nil {
		panic(fmt.Sprintf("writing JSON: %v", err)) // Tables hold nothing that JSON has not.
	}
	return text
}

func deflate(text []byte) []byte {
	var compressed bytes.Buffer
	writer, err := flate.NewWriter(&compressed, flate.BestCompression)
	if err == nil {
		_, err = writer.Write(text)
	}
	if err == nil {
		err = writer.Close()
	}
	if err != nil {
		panic(fmt.Sprintf("compressing: %v", err)) // It writes to memory.
	}
	return compressed.Bytes()
}

// headerLimit is the longest line of a header that a load balancer takes, in bytes, less some for its name: longer ones are its own to
// refuse (Elastic Load Balancing, Application Load Balancers user guide, "Quotas": request header size).
const headerLimit = 15_000

// sizes are tokens as long as a load balancer takes, none of which the issuer has signed.
func sizes(i Issuer, now time.Time) map[string]string {
	attacker := signES256(newKey())
	return map[string]string{
		"a long claim":     token(i.header(), i.claims(now).with("padding", strings.Repeat("a", headerLimit/2)), attacker),
		"a long kid":       token(i.header().with("kid", strings.Repeat("a", headerLimit/2)), i.claims(now), attacker),
		"a long signature": token(i.header(), i.claims(now), fixed(make([]byte, headerLimit/2))),
		"many claims":      token(i.header(), i.claims(now).with("many", slices.Repeat([]any{0}, headerLimit/4)), attacker),
		"deep claims":      token(i.header(), []byte(strings.Repeat(`{"a":`, headerLimit/16)+"0"+strings.Repeat("}", headerLimit/16)), attacker),
		"a deep header":    token([]byte(strings.Repeat("[", headerLimit/4)), i.claims(now), attacker),
		"many dots":        strings.Repeat(".", headerLimit-len("Bearer ")),
		"letters":          strings.Repeat(".", headerLimit-len("Bearer ")),
	}
}

// locations are where a good token does not count: under another scheme, twice, or in another part of the request.
func locations(i Issuer, now time.Time) []Attack {
	good := i.Token(now)
	var all []Attack
	add := func(name string, header http.Header, query string) {
		all = append(all, Attack{Kind: "a location", Name: name, Status: http.StatusUnauthorized, Header: header, Query: query})
	}
	authorized := func(values ...string) http.Header { return http.Header{"Authorization": values} }
	add("nowhere", nil, "")
	for name, value := range map[string]string{
		"without a scheme": good, "a scheme alone": "Bearer", "a scheme and spaces": "Bearer  ", "Basic": "Basic " + good,
		"Basic with the token as the password": "Basic " + base64.StdEncoding.EncodeToString([]byte("token:"+good)),
		"Token":                                "Token " + good, "JWT": "JWT " + good, "Digest": "Digest " + good, "DPoP": "DPoP " + good,
		"Bearer and a colon":     "Bearer: " + good,
		"Bearer without a space": "Bearer" + good, "Bearer and a tab": "Bearer\t" + good, "Bearer and an equals sign": "Bearer=" + good,
		"Bearer twice": "Bearer Bearer " + good,
		"two tokens":   "Bearer " + good + ", Bearer " + good, "two tokens after one scheme": "Bearer " + good + " " + good,
		"a good one after another scheme": "Basic eDp5, Bearer " + good, "a parameter": "Bearer token=" + good,
		"a comma at its end":     "Bearer " + good + ",",
		"a semicolon at its end": "Bearer " + good + ";",
	} {
		add(name, authorized(value), "")
	}
	add("two headers", authorized("Bearer "+good, "Bearer "+good), "")
	add("two headers, the first one of another scheme", authorized("Basic eDp5", "Bearer "+good), "")
	for _, name := range []string{
		"X-Authorization", "Proxy-Authorization", "X-Access-Token", "X-Forwarded-Authorization", "X-Original-Authorization", "X-Amzn-Oidc-Data",
		"X-Amzn-Oidc-Accesstoken", "X-Auth-Token", "X-Api-Key",
	} {
		add("the header "+name, http.Header{name: {"Bearer " + good}}, "")
	}
	add("a cookie", http.Header{"Cookie": {"access_token=" + good + "; Authorization=" + good + "; token=" + good}}, "")
	add("the query, as RFC 6750 has it", nil, "access_token="+good)
	add("the query, under other names", nil, "token="+good+"&jwt="+good+"&Authorization=Bearer%20"+good)
	slices.SortFunc(all, func(a, b Attack) int { return strings.Compare(a.Name, b.Name) })
	return all
}

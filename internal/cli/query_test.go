package cli

import "testing"

func TestALineOfATableCannotSteerTheTerminal(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                           "plain",
		"Nguyễn Văn A":                    "Nguyễn Văn A",
		"a\x1b]0;title\x07b":              "a ]0;title b",
		"a\u009b2Jb":                      "a 2Jb",
		"two\nlines":                      "two lines",
		"user \u202egpj.exe\u2069 end":    "user  gpj.exe  end",
		"bad \xff":                        "bad \uFFFD",
		"0123456789012345678901234567890": "0123456789012345678…",
	} {
		if got := oneLine(in, 20); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

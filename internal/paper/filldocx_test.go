package paper

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
)

func wordFile(t testing.TB, body string, more ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	parts := append([]string{"[Content_Types].xml", contentTypes, "word/document.xml", `<w:document ` + namespaces + `><w:body>` + body + `</w:body></w:document>`}, more...)
	for i := 0; i < len(parts); i += 2 {
		f, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(f, parts[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func run(texts ...string) string {
	s := "<w:p>"
	for _, x := range texts {
		s += "<w:r><w:rPr><w:b/></w:rPr><w:t>" + x + "</w:t></w:r>"
	}
	return s + "</w:p>"
}

func TestFieldsOfAWordFileAreFilledAlsoWhereTheyAreTorn(t *testing.T) {
	data := wordFile(t, run("Sự cố {{inci", "dent.co", "de}} tại {{agency.name}}; ", "{{incident.title}} &amp; hết"))
	tpl, problems, err := ParseWord("mau.docx", data, fields)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	values := Values{"incident.code": "SC-1 <&>", "agency.name": "Trung tâm", "incident.title": ""}
	var out bytes.Buffer
	missing, err := tpl.Fill(&out, values)
	if err != nil || !slices.Equal(missing, []string{"incident.title"}) {
		t.Fatal(err, missing)
	}
	again, _, err := ParseWord("x", out.Bytes(), fields)
	if err != nil {
		t.Fatal(err)
	}
	want := "Sự cố SC-1 <&> tại Trung tâm; … & hết"
	if got := again.Texts(nil); len(got) != 1 || got[0] != want {
		t.Errorf("%q", got)
	}
	if got := tpl.Texts(values); got[0] != want {
		t.Errorf("%q", got)
	}
}

func TestAWordFileWithAnUnknownFieldNamesItAndItsParagraph(t *testing.T) {
	_, problems, err := ParseWord("mau.docx", wordFile(t, run("Kính gửi")+run("Sự cố {{inci", "dent.cod}}")), fields)
	if err != nil || len(problems) != 1 {
		t.Fatal(err, problems)
	}
	p := problems[0]
	if p.Line != 2 || p.Field != "incident.cod" || p.Nearest[0] != "incident.code" || !strings.Contains(p.Text, "document, paragraph 2") || !strings.Contains(p.Text, "Sự cố") {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsNoWordFileIsRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"text":        []byte("xin chào"),
		"no document": wordFile(t, "")[:60],
		"macro":       wordFile(t, run("a"), "word/vbaProject.bin", "x"),
		"broken":      wordFile(t, "<w:p><w:r>"),
		"entities":    wordFile(t, "", "word/header1.xml", `<!DOCTYPE x [<!ENTITY a "b">]><w:hdr/>`),
		"large":       make([]byte, MaxUpload+1),
		"upwards":     wordFile(t, "", "../../etc/x", ""),
	} {
		if _, _, err := ParseWord(name, data, fields); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzParseWord(f *testing.F) {
	f.Add(wordFile(f, run("{{incident.code}}", "{{inci", "dent.title}}")))
	f.Add(wordFile(f, run("{{"), "word/header1.xml", "<w:hdr/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tpl, _, err := ParseWord("x", data, fields)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if _, err := tpl.Fill(&out, Values{"incident.code": "<&>"}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ParseWord("x", out.Bytes(), fields); err != nil && out.Len() < MaxUpload {
			t.Fatalf("what was filled cannot be read: %v", err)
		}
	})
}

// The text of a document part is fuzzed without the zip around it, which random
// bytes hardly get through.
func FuzzWordText(f *testing.F) {
	f.Add(run("{{incident.code}}", "a {{inci", "dent.title}} b"))
	f.Add("<w:p><w:r><w:t><![CDATA[{{incident.code}}]]></w:t></w:r></w:p>")
	f.Fuzz(func(t *testing.T, body string) {
		data := []byte(`<w:document ` + namespaces + `><w:body>` + body + `</w:body></w:document>`)
		paras, err := paragraphs(data)
		if err != nil {
			return
		}
		p := part{data: data, paras: paras}
		filled := p.filled(&writer{values: Values{"incident.code": "<&>", "incident.title": "]]>"}})
		if _, err := paragraphs(filled); err != nil {
			t.Fatalf("%v\n%s", err, filled)
		}
	})
}

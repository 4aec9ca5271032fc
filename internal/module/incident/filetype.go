package incident

import (
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// Types as the names of files state them. The first of a list is what the name
// says; the others are what such a file may also look like in its first bytes.
var byExtension = map[string][]string{
	"pdf":  {"application/pdf"},
	"doc":  {"application/msword", "application/x-ole-storage", "text/rtf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	"xls":  {"application/vnd.ms-excel", "application/x-ole-storage", "text/html", "text/xml"},
	"ppt":  {"application/vnd.ms-powerpoint", "application/x-ole-storage"},
	"docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	"docm": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	"xlsm": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	"pptx": {"application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	"odt":  {"application/vnd.oasis.opendocument.text"},
	"ods":  {"application/vnd.oasis.opendocument.spreadsheet"},
	"rtf":  {"text/rtf"},
	"zip":  {"application/zip"},
	"jar":  {"application/jar", "application/zip"},
	"rar":  {"application/x-rar-compressed"},
	"7z":   {"application/x-7z-compressed"},
	"gz":   {"application/gzip"},
	"tgz":  {"application/gzip"},
	"bz2":  {"application/x-bzip2"},
	"xz":   {"application/x-xz"},
	"zst":  {"application/zstd"},
	"tar":  {"application/x-tar"},
	"jpg":  {"image/jpeg"},
	"jpeg": {"image/jpeg"},
	"png":  {"image/png"},
	"gif":  {"image/gif"},
	"bmp":  {"image/bmp"},
	"webp": {"image/webp"},
	"tif":  {"image/tiff"},
	"tiff": {"image/tiff"},
	"mp3":  {"audio/mpeg"},
	"mp4":  {"video/mp4"},
	"exe":  {"application/vnd.microsoft.portable-executable"},
	"dll":  {"application/vnd.microsoft.portable-executable"},
	"sys":  {"application/vnd.microsoft.portable-executable"},
	"scr":  {"application/vnd.microsoft.portable-executable"},
	"msi":  {"application/x-ms-installer", "application/x-ole-storage"},
	"lnk":  {"application/x-ms-shortcut"},
	"pcap": {"application/vnd.tcpdump.pcap"},
	"txt":  {"text/plain"},
	"log":  {"text/plain"},
	"csv":  {"text/plain"},
	"json": {"text/plain"},
	"xml":  {"text/plain"},
	"html": {"text/plain"},
	"htm":  {"text/plain"},
	"eml":  {"text/plain"},
	"ps1":  {"text/plain"},
	"bat":  {"text/plain"},
	"cmd":  {"text/plain"},
	"vbs":  {"text/plain"},
	"js":   {"text/plain"},
	"php":  {"text/plain"},
	"aspx": {"text/plain"},
	"jsp":  {"text/plain"},
	"sh":   {"text/plain"},
	"py":   {"text/plain"},
}

// Documents of these types begin like the archive they are; more than the first
// bytes would have to be read to tell.
var packed = []string{"docx", "docm", "xlsx", "xlsm", "pptx", "odt", "ods"}

// Files a machine runs when somebody opens them.
var (
	runsByName = []string{"exe", "dll", "sys", "scr", "com", "pif", "msi", "lnk", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta", "jar", "cpl"}
	runsByKind = []string{"application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-mach-binary", "application/x-ms-installer", "application/x-ms-shortcut"}
	posesAs    = []string{"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "rtf", "txt", "jpg", "jpeg", "png", "gif", "mp4", "zip", "rar"}
)

// typesOf compares what a file's name says it is with what its bytes say. declared
// is "" where the name says nothing that is known; then only what runs is a lie.
func typesOf(name string, detected *mimetype.MIME) (declared string, mismatch bool) {
	ext := extension(name)
	is := func(kinds ...string) bool {
		for k := detected; k != nil; k = k.Parent() {
			if slices.ContainsFunc(kinds, k.Is) {
				return true
			}
		}
		return false
	}
	// bao-cao.pdf.exe, with or without spaces that push the end out of sight.
	inner := extension(strings.TrimRight(strings.TrimSuffix(name, path.Ext(name)), " "))
	if slices.Contains(runsByName, ext) && slices.Contains(posesAs, inner) {
		mismatch = true
	}
	accepted, known := byExtension[ext]
	if !known {
		return "", mismatch || is(runsByKind...) && !slices.Contains(runsByName, ext) && ext != "" && ext != "so" && ext != "bin" && ext != "elf"
	}
	if slices.Contains(packed, ext) {
		accepted = append([]string{"application/zip", "application/x-ole-storage"}, accepted...) // the latter: encrypted
	}
	return byExtension[ext][0], mismatch || !is(accepted...)
}

func extension(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
}

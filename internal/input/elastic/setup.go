package elastic

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What clients ask before they send. We have no indices, templates, pipelines or
// policies: each is said to be there already, so that nobody tries to make one,
// and who makes one all the same is told that it is made.

// defaultVersion is the Elasticsearch that we answer as, unless a Beat or a path
// says otherwise.
const defaultVersion = "8.19.0"

const clusterName = "lachan"

// versionFor is the version that a client is told. A Beat or an Elastic Agent is
// told its own: those before 8.11 send nothing to a server that is older than they
// are, and every one knows how to speak to its equal.
func versionFor(r *http.Request) string {
	if v, ok := r.Context().Value(versionKey{}).(string); ok {
		return v
	}
	product, _, _ := strings.Cut(r.UserAgent(), " ")
	name, version, _ := strings.Cut(product, "/")
	name = strings.ToLower(name)
	if strings.HasSuffix(name, "beat") || strings.HasPrefix(name, "elastic-") || strings.HasPrefix(name, "elastic_") {
		version, _, _ = strings.Cut(version, "-")
		if isVersion(version) {
			return version
		}
	}
	return defaultVersion
}

// versionKey is that of a version named by the path, in a request's context.
type versionKey struct{}

// isVersion takes 6.0.0 to 99.999.999.
func isVersion(v string) bool {
	parts := strings.Split(v, ".")
	if len(parts) != 3 {
		return false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n > 999 || p != strconv.FormatUint(n, 10) || i == 0 && (n < 6 || n > 99) {
			return false
		}
	}
	return true
}

func (h *handler) info(w http.ResponseWriter, r *http.Request, _ call) {
	version := versionFor(r)
	lucene, wire, from := "9.12.1", "7.17.0", "7.0.0"
	switch {
	case strings.HasPrefix(version, "6."):
		lucene, wire, from = "7.7.3", "5.6.0", "5.0.0"
	case strings.HasPrefix(version, "7."):
		lucene, wire, from = "8.11.3", "6.8.0", "6.0.0-beta1"
	case !strings.HasPrefix(version, "8."):
		lucene, wire, from = "10.1.0", "8.19.0", "8.0.0"
	}
	writeObject(w, r, http.StatusOK, object{
		{"name", clusterName},
		{"cluster_name", clusterName},
		{"cluster_uuid", "bGFjaGFuLWxvZy1jZW50cg"},
		{"version", object{
			{"number", version},
			// Never "serverless": Beats then use other requests.
			{"build_flavor", "default"},
			{"build_type", "tar"},
			{"build_hash", "0000000000000000000000000000000000000000"},
			{"build_date", "2025-01-01T00:00:00.000Z"},
			{"build_snapshot", false},
			{"lucene_version", lucene},
			{"minimum_wire_compatibility_version", wire},
			{"minimum_index_compatibility_version", from},
		}},
		{"tagline", "You Know, for Search"},
	})
}

// license is in full: Logstash takes a node without license.status for dead.
var license = object{
	{"status", "active"},
	{"uid", "6c616368-616e-4000-8000-000000000000"},
	{"type", "basic"},
	{"mode", "basic"},
	{"issue_date", "2025-01-01T00:00:00.000Z"},
	{"issue_date_in_millis", 1735689600000},
	{"expiry_date_in_millis", 4000000000000},
	{"max_nodes", 1000},
	{"issued_to", clusterName},
	{"issuer", "elasticsearch"},
	{"start_date_in_millis", -1},
}

func (h *handler) license(w http.ResponseWriter, r *http.Request, _ call) {
	writeObject(w, r, http.StatusOK, object{{"license", license}})
}

func (h *handler) xpack(w http.ResponseWriter, r *http.Request, _ call) {
	feature := func(on bool) object { return object{{"available", on}, {"enabled", on}} }
	writeObject(w, r, http.StatusOK, object{
		{"build", object{{"hash", "0000000000000000000000000000000000000000"}, {"date", "2025-01-01T00:00:00.000Z"}}},
		{"license", license},
		{"features", object{
			{"ilm", feature(true)}, {"data_streams", feature(true)}, {"security", feature(true)},
			{"monitoring", feature(false)}, {"ml", feature(false)}, {"watcher", feature(false)},
		}},
		{"tagline", "You know, for X"},
	})
}

// acknowledged answers whoever makes or deletes something.
func (h *handler) acknowledged(w http.ResponseWriter, r *http.Request, _ call) {
	writeObject(w, r, http.StatusOK, object{{"acknowledged", true}})
}

// none answers lists of things, of which there are none.
func (h *handler) none(w http.ResponseWriter, r *http.Request, _ call) {
	writeObject(w, r, http.StatusOK, object{})
}

func (h *handler) policy(w http.ResponseWriter, r *http.Request, c call) {
	writeObject(w, r, http.StatusOK, object{{c.names[0], object{
		{"version", 1}, {"modified_date", "2025-01-01T00:00:00.000Z"},
		{"policy", object{{"phases", object{}}}},
	}}})
}

func (h *handler) policyStatus(w http.ResponseWriter, r *http.Request, _ call) {
	writeObject(w, r, http.StatusOK, object{{"operation_mode", "RUNNING"}})
}

func (h *handler) indexTemplate(w http.ResponseWriter, r *http.Request, c call) {
	writeObject(w, r, http.StatusOK, object{{"index_templates", []object{{
		{"name", c.names[0]},
		{"index_template", object{
			{"index_patterns", []string{c.names[0] + "*"}}, {"composed_of", []string{}}, {"priority", 200}, {"data_stream", object{}},
		}},
	}}}})
}

func (h *handler) componentTemplate(w http.ResponseWriter, r *http.Request, c call) {
	writeObject(w, r, http.StatusOK, object{{"component_templates", []object{{
		{"name", c.names[0]}, {"component_template", object{{"template", object{}}}},
	}}}})
}

func (h *handler) template(w http.ResponseWriter, r *http.Request, c call) {
	writeObject(w, r, http.StatusOK, object{{c.names[0], object{
		{"order", 1}, {"index_patterns", []string{c.names[0] + "*"}},
		{"settings", object{}}, {"mappings", object{}}, {"aliases", object{}},
	}}})
}

// catTemplates holds the name: old Beats look for it in the text.
func (h *handler) catTemplates(w http.ResponseWriter, _ *http.Request, c call) {
	writeText(w, fmt.Sprintf("%s [%s*] 1\n", c.names[0], c.names[0]))
}

func (h *handler) dataStream(w http.ResponseWriter, r *http.Request, c call) {
	writeObject(w, r, http.StatusOK, object{{"data_streams", []object{{
		{"name", c.names[0]}, {"timestamp_field", object{{"name", "@timestamp"}}},
		{"indices", []object{}}, {"generation", 1}, {"status", "GREEN"}, {"template", c.names[0]},
	}}}})
}

func (h *handler) pipeline(w http.ResponseWriter, r *http.Request, c call) {
	writeObject(w, r, http.StatusOK, object{{c.names[0], object{{"processors", []object{}}}}})
}

// nodes names this node by the address that the client used: one that looks for
// further nodes finds the same again.
func (h *handler) nodes(w http.ResponseWriter, r *http.Request, _ call) {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = strings.Trim(r.Host, "[]"), "80"
		if r.TLS != nil {
			port = "443"
		}
	}
	address := net.JoinHostPort(host, port)
	writeObject(w, r, http.StatusOK, object{
		{"_nodes", object{{"total", 1}, {"successful", 1}, {"failed", 0}}},
		{"cluster_name", clusterName},
		{"nodes", object{{"bGFjaGFuLW5vZGUtMDAwMQ", object{
			{"name", clusterName}, {"transport_address", address}, {"host", host}, {"ip", host},
			{"version", versionFor(r)}, {"build_flavor", "default"}, {"build_type", "tar"},
			{"roles", []string{"data", "ingest", "master"}}, {"attributes", object{}},
			{"http", object{
				{"bound_address", []string{address}}, {"publish_address", address},
				{"max_content_length_in_bytes", 104857600},
			}},
			{"plugins", []object{}}, {"modules", []object{}},
			// Old Filebeat modules look for these before they load.
			{"ingest", object{{"processors", []object{{{"type", "geoip"}}, {{"type", "grok"}}, {{"type", "user_agent"}}}}}},
		}}}},
	})
}

func (h *handler) health(w http.ResponseWriter, r *http.Request, _ call) {
	writeObject(w, r, http.StatusOK, object{
		{"cluster_name", clusterName}, {"status", "green"}, {"timed_out", false},
		{"number_of_nodes", 1}, {"number_of_data_nodes", 1},
		{"active_primary_shards", 1}, {"active_shards", 1}, {"relocating_shards", 0}, {"initializing_shards", 0},
		{"unassigned_shards", 0}, {"delayed_unassigned_shards", 0}, {"number_of_pending_tasks", 0},
		{"number_of_in_flight_fetch", 0}, {"task_max_waiting_in_queue_millis", 0}, {"active_shards_percent_as_number", 100},
	})
}

func (h *handler) catHealth(w http.ResponseWriter, _ *http.Request, _ call) {
	now := h.rc.Now().UTC()
	writeText(w, fmt.Sprintf("%d %s %s green 1 1 1 1 0 0 0 0 - 100.0%%\n", now.Unix(), now.Format(time.TimeOnly), clusterName))
}

func (h *handler) index(w http.ResponseWriter, r *http.Request, c call) {
	writeObject(w, r, http.StatusOK, object{{c.names[0], object{
		{"aliases", object{}}, {"mappings", object{}}, {"settings", object{}},
	}}})
}

func (h *handler) makeIndex(w http.ResponseWriter, r *http.Request, c call) {
	writeObject(w, r, http.StatusOK, object{{"acknowledged", true}, {"shards_acknowledged", true}, {"index", c.names[0]}})
}

// alias says that the alias is there and may be written to.
func (h *handler) alias(w http.ResponseWriter, r *http.Request, c call) {
	name := c.names[len(c.names)-1]
	writeObject(w, r, http.StatusOK, object{{name + "-000001", object{
		{"aliases", object{{name, object{{"is_write_index", true}}}}},
	}}})
}

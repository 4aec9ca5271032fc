package dashboard

// The boards everybody has. They are data; who wants them different copies one.
var builtIn = []Board{
	{
		ID: "leadership", BuiltIn: true, Visibility: Everyone, Range: "30d",
		Name:  Words{"Lãnh đạo", "Leadership"},
		About: Words{"Tình hình chung trong kỳ cho lãnh đạo trung tâm và đơn vị.", "The period at a glance, for leaders."},
		Widgets: []Widget{
			{ID: "summary", Kind: "summary", W: 12, H: 1},
			{ID: "open", Kind: "open-alerts", W: 3, H: 2},
			{ID: "take", Kind: "take-time", W: 3, H: 2},
			{ID: "close", Kind: "close-time", W: 3, H: 2},
			{ID: "states", Kind: "source-states", W: 3, H: 2},
			{ID: "flow", Kind: "alert-flow", W: 6, H: 2},
			{ID: "standing", Kind: "open-over-time", W: 6, H: 2},
			{ID: "units", Kind: "top-units", W: 6, H: 2},
			{ID: "tactics", Kind: "tactics", W: 6, H: 2},
			{ID: "coverage", Kind: "unit-coverage", W: 6, H: 2},
			{ID: "reasons", Kind: "close-reasons", W: 3, H: 2},
			{ID: "work", Kind: "team-work", W: 3, H: 2},
		},
	},
	{
		ID: "wall", BuiltIn: true, Visibility: Everyone, Range: "24h",
		Name:  Words{"Màn hình giám sát", "SOC wall"},
		About: Words{"Cho màn hình lớn của phòng trực: việc đang chờ, nguồn im lặng, sức khỏe hệ thống.", "For the big screen of the watch: what waits, what is silent, how the system is."},
		Widgets: []Widget{
			{ID: "open", Kind: "open-alerts", W: 3, H: 2},
			{ID: "standing", Kind: "open-over-time", W: 6, H: 2},
			{ID: "rate", Kind: "event-rate", W: 3, H: 1},
			{ID: "lag", Kind: "ingest-lag", W: 3, H: 1},
			{ID: "oldest", Kind: "oldest-alerts", W: 6, H: 2},
			{ID: "silent", Kind: "silent-sources", W: 6, H: 2},
			{ID: "volume", Kind: "events-over-time", W: 6, H: 2},
			{ID: "units", Kind: "top-units", W: 6, H: 2},
		},
	},
	{
		ID: "unit", BuiltIn: true, Visibility: Everyone, Range: "7d",
		Name:  Words{"Đơn vị", "Unit"},
		About: Words{"Cho đơn vị: cảnh báo và nguồn log của chính mình.", "For a unit: its own alerts and sources."},
		Widgets: []Widget{
			{ID: "summary", Kind: "summary", W: 12, H: 1},
			{ID: "open", Kind: "open-alerts", W: 3, H: 2},
			{ID: "flow", Kind: "alert-flow", W: 6, H: 2},
			{ID: "states", Kind: "source-states", W: 3, H: 2},
			{ID: "oldest", Kind: "oldest-alerts", W: 6, H: 2},
			{ID: "silent", Kind: "silent-sources", W: 6, H: 2},
			{ID: "entities", Kind: "top-entities", W: 6, H: 2},
			{ID: "rules", Kind: "top-rules", W: 6, H: 2},
			{ID: "volume", Kind: "events-over-time", W: 6, H: 2},
			{ID: "formats", Kind: "events-by-format", W: 6, H: 2},
		},
	},
}

module github.com/lachan-vn/lachan/test/peers

go 1.26.0

replace github.com/lachan-vn/lachan => ../..

require (
	github.com/bradleyjkemp/sigma-go v0.6.6
	github.com/lachan-vn/lachan v0.0.0
)

require (
	github.com/BobuSumisu/aho-corasick v1.0.3 // indirect
	github.com/PaesslerAG/gval v1.0.0 // indirect
	github.com/PaesslerAG/jsonpath v0.1.1 // indirect
	github.com/alecthomas/participle v0.7.1 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/sys v0.49.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

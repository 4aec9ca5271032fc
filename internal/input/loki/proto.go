package loki

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// protoPush walks a push in protobuf. The messages, of Loki's pkg/push/push.proto:
//
//	PushRequest  repeated Stream streams = 1
//	Stream       string labels = 1, repeated Entry entries = 2, uint64 hash = 3
//	Entry        Timestamp timestamp = 1, string line = 2, repeated LabelPair structuredMetadata = 3
//	Timestamp    int64 seconds = 1, int32 nanos = 2
//	LabelPair    string name = 1, string value = 2
//
// Other fields are skipped.
func protoPush(body []byte) walker {
	return func(each func([]byte, entry) error) error {
		var labels, metadata []byte
		return fields(body, func(number protowire.Number, stream []byte, _ uint64) error {
			if number != 1 || stream == nil {
				return nil
			}
			// The labels may stand behind the entries.
			text := "{}"
			if err := fields(stream, func(number protowire.Number, value []byte, _ uint64) error {
				if number == 1 && value != nil {
					text = string(value)
				}
				return nil
			}); err != nil {
				return err
			}
			var err error
			if labels, err = appendLabels(labels[:0], text); err != nil {
				return err
			}
			return fields(stream, func(number protowire.Number, value []byte, _ uint64) error {
				if number != 2 || value == nil {
					return nil
				}
				var e entry
				if metadata, err = protoEntry(value, metadata[:0], &e); err != nil {
					return err
				}
				return each(labels, e)
			})
		})
	}
}

// protoEntry reads an entry; its metadata is written into scratch, which is
// returned.
func protoEntry(text, scratch []byte, e *entry) ([]byte, error) {
	scratch = append(scratch, '{')
	err := fields(text, func(number protowire.Number, value []byte, _ uint64) error {
		switch {
		case value == nil:
		case number == 1:
			return fields(value, func(number protowire.Number, _ []byte, v uint64) error {
				switch number {
				case 1:
					e.seconds = int64(v)
				case 2:
					e.nanos = int64(int32(v))
				}
				return nil
			})
		case number == 2:
			e.line = value
		case number == 3:
			var name, text []byte
			if err := fields(value, func(number protowire.Number, value []byte, _ uint64) error {
				switch number {
				case 1:
					name = value
				case 2:
					text = value
				}
				return nil
			}); err != nil {
				return err
			}
			if scratch = appendPair(scratch, name, text); len(scratch) > maxLabelBytes {
				return labelsTooLong()
			}
		}
		return nil
	})
	if err == nil {
		err = checkTime(e.seconds, e.nanos)
	}
	if len(scratch) > 1 {
		scratch = append(scratch, '}')
		e.metadata = scratch
	}
	return scratch, err
}

// fields calls each for every field of a message: with the bytes of a
// length-delimited one, never nil, or the value of a varint.
func fields(message []byte, each func(number protowire.Number, bytes []byte, varint uint64) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return brokenProto(n)
		}
		message = message[n:]
		var bytes []byte
		var varint uint64
		switch kind {
		case protowire.BytesType:
			if bytes, n = protowire.ConsumeBytes(message); n >= 0 && bytes == nil {
				bytes = message[:0]
			}
		case protowire.VarintType:
			varint, n = protowire.ConsumeVarint(message)
		default:
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return brokenProto(n)
		}
		message = message[n:]
		if err := each(number, bytes, varint); err != nil {
			return err
		}
	}
	return nil
}

func brokenProto(n int) error {
	return invalid("the push is no protobuf message: %w; nothing of it was stored", protowire.ParseError(n))
}

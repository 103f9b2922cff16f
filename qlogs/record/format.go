package record

import (
	"fmt"
	"log/slog"
	"time"
)

// attrs describes o by ids, times and sizes. It leaves out absent fields. Fields that were
// null have no value, and fields that have drifted only their name.
func attrs(o object) []slog.Attr {
	t, m := o.table()
	list := make([]slog.Attr, 0, len(t)+1)
	for i := range t {
		f := &t[i]
		if f.codec == nil {
			break
		}
		switch st := m.state(i); {
		case !f.codec.isZero():
			list = append(list, f.codec.attr(f.name))
		case st == Null:
			list = append(list, slog.Any(f.name, nil))
		case st == Present:
			list = append(list, f.codec.attr(f.name))
		case st == Drifted:
			list = append(list, slog.Bool(f.name+"Drifted", true))
		}
	}
	if n := len(m.unknown()); n > 0 {
		list = append(list, slog.Int("unknownKeys", n))
	}
	return list
}

// recordAttrs describes a record by its halves.
func recordAttrs(o object) []slog.Attr {
	list := attrs(o)
	for i := range list {
		switch a := &list[i]; a.Key {
		case assistantRequestKey, completionsRequestKey, taskRequestKey:
			a.Key = "request"
		case assistantResponseKey, completionsResponseKey, taskResponseKey:
			a.Key = "response"
		}
	}
	return list
}

func recordLogValue(logType string, o object) slog.Value {
	return slog.GroupValue(append([]slog.Attr{slog.String("type", logType)}, recordAttrs(o)...)...)
}

// format writes a group as text. No verb and no flag changes what is shown.
func format(f fmt.State, name string, group []slog.Attr) {
	// Format cannot return an error.
	_, _ = f.Write(appendGroup([]byte(name), group))
}

func appendGroup(dst []byte, group []slog.Attr) []byte {
	dst = append(dst, '{')
	for i, a := range group {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, a.Key...)
		switch a.Value.Kind() {
		case slog.KindGroup:
			dst = appendGroup(dst, a.Value.Group())
		case slog.KindTime:
			dst = append(dst, '=')
			dst = a.Value.Time().AppendFormat(dst, time.RFC3339Nano)
		case slog.KindAny:
			dst = append(dst, "=null"...)
		default:
			dst = append(dst, '=')
			dst = append(dst, a.Value.String()...)
		}
	}
	return append(dst, '}')
}

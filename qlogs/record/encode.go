package record

// marshal does the work of the MarshalJSON methods.
func marshal(o object) ([]byte, error) {
	b, err := appendObject(nil, o)
	if err != nil {
		return nil, asError(err, 0, 0)
	}
	return b, nil
}

// appendObject encodes o: known fields in the order of the table, then the
// unknown ones in the order of the log.
func appendObject(dst []byte, o object) ([]byte, error) {
	t, m := o.table()
	dst = append(dst, '{')
	start := len(dst)
	for i := range t {
		if t[i].codec == nil {
			break
		}
		mark := len(dst)
		dst = appendName(dst, start, t[i].name)
		value := len(dst)
		var err error
		dst, err = appendField(dst, &t[i], m.state(i), m.odd(i))
		if err != nil {
			return nil, within(t[i].name, err)
		}
		if len(dst) == value {
			dst = dst[:mark]
		}
	}
	for _, u := range m.unknown() {
		dst = appendName(dst, start, u.name)
		dst = append(dst, u.raw...)
	}
	return append(dst, '}'), nil
}

func appendName(dst []byte, start int, name string) []byte {
	if len(dst) > start {
		dst = append(dst, ',')
	}
	return append(appendQuoted(dst, name), ':')
}

// appendField encodes the value of a field. A zero field is encoded as it was in the log.
// odd is not nil for a field that has drifted.
func appendField(dst []byte, f *field, stood State, odd []byte) ([]byte, error) {
	switch {
	case odd == nil:
	case stood == Drifted && f.codec.isZero(), stood != Drifted && f.codec.(oddCodec).matches(odd):
		return append(dst, odd...), nil
	}
	if !f.codec.isZero() || stood == Present {
		return f.codec.append(dst)
	}
	if stood == Null {
		return append(dst, "null"...), nil
	}
	if f.always {
		return append(dst, "{}"...), nil
	}
	return dst, nil
}

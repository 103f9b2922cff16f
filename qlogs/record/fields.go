package record

// object decodes the JSON object that starts here into o, which is zero.
func (s *scanner) object(o object) error {
	t, m := o.table()
	if err := s.enter('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more('}', first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		key, err := s.key()
		if err != nil {
			return err
		}
		i := t.index(key)
		if i < 0 {
			if err := s.unknown(m, s.name(key)); err != nil {
				return err
			}
			continue
		}
		if err := s.field(&t[i], i, m); err != nil {
			return within(t[i].name, err)
		}
	}
	return s.dropDuplicates(m)
}

// unknown keeps the value that starts here.
func (s *scanner) unknown(m *members, name string) error {
	if err := s.extra(m); err != nil {
		return err
	}
	list, err := reserve(s, m.extra.unknown)
	if err != nil {
		return err
	}
	if s.long == "" { // a long name was counted when it was decoded
		if err := s.spend(allocated(len(name))); err != nil {
			return err
		}
	}
	raw, err := s.value()
	if err != nil {
		return err
	}
	if raw, err = s.copied(raw); err != nil {
		return err
	}
	m.extra.unknown = append(list, unknownMember{name, raw})
	return nil
}

func (s *scanner) field(f *field, i int, m *members) error {
	if s.null() {
		f.codec.reset()
		m.setState(i, Null)
		m.dropOdd(i)
		return nil
	}
	start, depth, spent := s.pos, s.depth, s.spent
	odd, err := f.codec.decode(s)
	switch {
	case (err == ErrType || err == ErrTime) && !f.half && !s.strict:
		f.codec.reset()
		s.pos, s.depth, s.spent = start, depth, spent
		return s.drift(i, m)
	case err != nil:
		return err
	}
	m.setState(i, Present)
	if odd {
		return s.keepOdd(m, i, s.data[start:s.pos])
	}
	m.dropOdd(i)
	return nil
}

// drift keeps the value that starts here, whose type field i cannot have.
func (s *scanner) drift(i int, m *members) error {
	raw, err := s.value()
	if err != nil {
		return err
	}
	if err := s.member(); err != nil {
		return err
	}
	s.drifted = true
	m.setState(i, Drifted)
	return s.keepOdd(m, i, raw)
}

// unmarshalPart is the UnmarshalJSON of parts of records.
func unmarshalPart[T any, P objectPointer[T]](p P, data []byte) error {
	s := newScanner(data, maxDepth)
	if s.null() && s.end() == nil {
		return nil
	}
	s.pos = 0
	var v T
	err := s.object(P(&v))
	if err == nil {
		err = s.end()
	}
	if err = s.checked(err); err != nil {
		return asError(err, 0, 0)
	}
	*p = v
	return nil
}

package knot

func promoted(o outer) int { return o.count + o.deep.down }

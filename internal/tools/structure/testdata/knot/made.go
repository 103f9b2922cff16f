package knot

func Make() Same { return Same{} }

func Use(h Same) { _ = get(nil) }

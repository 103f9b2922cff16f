package knot

func handed() { Use(Make()) }

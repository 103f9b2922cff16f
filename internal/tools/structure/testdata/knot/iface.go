package knot

const limit = 3

type getter interface{ Get() int }

func get(g getter) int { return g.Get() }

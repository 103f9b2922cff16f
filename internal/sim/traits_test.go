package sim_test

// traits are what is special about a seed. Its kind changes from one seed to the next, so that a
// few in a row have all kinds; the others go by chance, and independently of each other.
type traits struct {
	kind kind

	wire   bool // the store is behind HTTP
	bucket bool // and the consumer keeps its cursor in it

	// crowded says that requests wait for each other. Which one goes first is not certain
	// then, so that another run of the seed may be another one in this.
	crowded bool

	large  bool // some objects are streamed
	floods bool // more objects are denied than a cursor has room for
}

func traitsOf(seed uint64) traits {
	one := func(in uint64, what string) bool { return hash(seed, what, "", 0)%in == 0 }
	t := traits{kind: kind(seed % uint64(kinds)), wire: one(16, "wire"), crowded: one(4, "crowded"), floods: one(5, "floods")}
	t.bucket = t.wire && one(2, "bucket") && (t.kind == saves || t.kind == dedups)
	t.large = t.crowded && one(2, "large")
	return t
}

// replays reports whether each run of the seed is the same.
func (t traits) replays() bool { return !t.crowded && !t.wire }

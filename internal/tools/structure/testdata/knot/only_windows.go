package knot

func (h *Hub) Windows() { promoted(outer{}) }

package knot

type Same = Hub

module github.com/promptlogs/qlogs

go 1.25.0

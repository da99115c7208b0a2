package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oura"
)

const personFile = "personal_info.json"

// errOtherPerson means that the folder has begun with the data of somebody else.
var errOtherPerson = errors.New("the data in this folder are another person's: choose another folder, or use -restart")

// exportPerson writes who the data are of, before any of the data: two people's must not get into one file. The sandbox
// has nobody.
func exportPerson(ctx context.Context, src *source.Source, f *folder) (r result) {
	r.name = "personal_info"
	me, err := src.Client.PersonalInfo(ctx)
	if err != nil {
		if !errors.Is(err, oura.ErrNotFound) {
			r.err = err
		}
		return r
	}
	before, err := os.ReadFile(f.file(personFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.err = err
		return r
	}
	if err == nil {
		var other oura.PersonalInfo
		if err := json.Unmarshal(before, &other); err != nil {
			r.err = fmt.Errorf("%s is damaged, use -restart: %w", personFile, err)
			return r
		}
		if other.ID != me.ID {
			r.err = errOtherPerson
			return r
		}
	}
	if r.err = writeJSON(f.file(personFile), me); r.err != nil {
		return r
	}
	info, err := os.Stat(f.file(personFile))
	if err != nil {
		r.err = err
		return r
	}
	r.Done, r.Documents, r.size = true, 1, info.Size()
	return r
}

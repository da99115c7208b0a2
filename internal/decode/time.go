package decode

import "time"

// time reads an RFC 3339 date and time in the one form that has a fixed place for everything. The result is what
// time.Parse gives, its location included: time.Local where that has the same offset at that instant, else a fixed
// zone. time.Parse is not used, as it would take a third of the time of a page of heart rates.
func (s *scanner) time() (time.Time, bool) {
	b, ok := s.text()
	if !ok || len(b) < len("2006-01-02T15:04:05Z") || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return time.Time{}, false
	}
	if string(b[:10]) != string(s.date[:]) && !s.newDate(b) {
		return time.Time{}, false
	}
	hour, minute, second := twoDigits(b[11:]), twoDigits(b[14:]), twoDigits(b[17:])
	if hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	unix := s.start + int64(hour*3600+minute*60+second)
	nanos, rest, ok := fraction(b[19:])
	if !ok {
		return time.Time{}, false
	}
	if len(rest) == 1 && rest[0] == 'Z' {
		return time.Unix(unix, nanos).UTC(), true
	}
	offset, ok := utcOffset(rest)
	if !ok {
		return time.Time{}, false
	}
	t := time.Unix(unix-int64(offset), nanos)
	if _, local := t.Zone(); local == offset {
		return t, true
	}
	if s.zone == nil || s.offset != offset {
		s.offset, s.zone = offset, time.FixedZone("", offset)
	}
	return t.In(s.zone), true
}

// newDate remembers the date that b begins with, if the calendar has it.
func (s *scanner) newDate(b []byte) bool {
	century, year, month, day := twoDigits(b), twoDigits(b[2:]), twoDigits(b[5:]), twoDigits(b[8:])
	if century > 99 || year > 99 || month > 12 || day > 31 {
		return false
	}
	t := time.Date(century*100+year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || int(t.Month()) != month {
		return false
	}
	s.date, s.start = [10]byte(b), t.Unix()
	return true
}

// twoDigits is a number of two digits, and 100 or more for anything else.
func twoDigits(b []byte) int {
	tens, ones := b[0]-'0', b[1]-'0'
	if tens > 9 || ones > 9 {
		return 100
	}
	return int(tens)*10 + int(ones)
}

// fraction reads up to nine digits behind a point, if there is one.
func fraction(b []byte) (nanos int64, rest []byte, ok bool) {
	if b[0] != '.' {
		return 0, b, true
	}
	i := 1
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		if i > 9 {
			return 0, nil, false
		}
		nanos = nanos*10 + int64(b[i]-'0')
	}
	for places := i; places <= 9; places++ {
		nanos *= 10
	}
	return nanos, b[i:], i > 1
}

// utcOffset reads +02:00 as 7,200 seconds.
func utcOffset(b []byte) (int, bool) {
	if len(b) != len("+02:00") || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return 0, false
	}
	hours, minutes := twoDigits(b[1:]), twoDigits(b[4:])
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	seconds := hours*3600 + minutes*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

package simulate

import (
	"reflect"
	"time"
)

// shift moves every time in a value that a pointer leads to. A run whose clock is ahead reads all times that others have written
// as so much older, and what it writes is so much younger to others.
func shift(value any, by time.Duration) {
	if by != 0 {
		shiftTimes(reflect.ValueOf(value).Elem(), by)
	}
}

var timeType = reflect.TypeFor[time.Time]()

func shiftTimes(v reflect.Value, by time.Duration) {
	switch {
	case v.Type() == timeType:
		if at := v.Interface().(time.Time); !at.IsZero() && v.CanSet() {
			v.Set(reflect.ValueOf(at.Add(by)))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				shiftTimes(v.Field(i), by)
			}
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		// What is shifted is a copy: the caller's value stays.
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		shiftTimes(fresh.Elem(), by)
		v.Set(fresh)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct && v.Len() > 0:
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		for i := range fresh.Len() {
			shiftTimes(fresh.Index(i), by)
		}
		v.Set(fresh)
	case v.Kind() == reflect.Map && v.Type().Elem() == timeType && v.Len() > 0:
		fresh := reflect.MakeMapWithSize(v.Type(), v.Len())
		for rows := v.MapRange(); rows.Next(); {
			fresh.SetMapIndex(rows.Key(), reflect.ValueOf(rows.Value().Interface().(time.Time).Add(by)))
		}
		v.Set(fresh)
	}
}

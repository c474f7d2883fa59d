// The last script of a lesson: begins it.

window.autoback = { RULES, short, typed };
window.autoback.lesson = new Lesson(DATA);

drop schema web cascade;
